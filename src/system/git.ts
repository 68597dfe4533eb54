import { existsSync, lstatSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Context } from "../core/context.ts";
import { SnapshotRefused } from "../core/errors.ts";
import { capture, type Env, type Exit } from "./exec.ts";

/** What git needs of a context. */
type GitContext = Pick<Context, "env" | "signal">;

/** A directory in a git work tree, and what git is told there besides the repository's own configuration. */
export interface WorkTree {
  readonly directory: string;
  /** `-c` words: what of the user's configuration counts, and the repository's filters, emptied. */
  readonly settings: readonly string[];
  /** Whether the executable bits on disk mean anything: `core.fileMode` of the repository. */
  readonly fileMode: boolean;
  /** Whether symlinks were checked out as such: `core.symlinks` of the repository. */
  readonly symlinks: boolean;
  /** Whether `core.ignoreCase` is on where the disk tells cases apart: git is told that it is off. */
  readonly wrongIgnoreCase: boolean;
}

/**
 * Null outside git. Of the user's and the machine's configuration only the ignore file and `safe.directory` count
 * (docs/snapshot.md). Throws SnapshotRefused with git's words when git refuses the repository, and for a repository
 * whose work tree is elsewhere or nowhere.
 */
export async function openWorkTree(directory: string, context: GitContext): Promise<WorkTree | null> {
  const above = repositoryAbove(resolve(directory));
  if (above === null) return null;
  const tree = plainTree(directory, await userSettings(directory, context));
  const args = ["rev-parse", "--is-inside-work-tree"];
  const [exit, options] = await Promise.all([git(tree, args, context), git(tree, optionArgs, context)]);
  if (/not a git repository \(or any/.test(exit.stderr)) return null;
  if (exit.exitCode !== 0) throw gitRefused(args, exit);
  if (exit.stdout.toString().trim() !== "true") throw notItsWorkTree(directory, join(above, ".git"));
  return withOptions(tree, options);
}

/** A work tree whose own configuration says nothing unusual. */
export function plainTree(directory: string, settings: readonly string[]): WorkTree {
  return { directory, settings, fileMode: true, symlinks: true, wrongIgnoreCase: false };
}

/** Without git's word on what is ignored, everything would count, the object store included. */
function notItsWorkTree(directory: string, repository: string): SnapshotRefused {
  return new SnapshotRefused(`git says that ${directory} is not in the work tree of ${repository}`, {
    hint: "run pikaci in the work tree, or look at `git config core.bare` and `git config core.worktree` there",
  });
}

/** The work tree of an initialised submodule, which has a configuration of its own. */
export async function openSubmodule(
  outer: WorkTree,
  directory: string,
  context: GitContext,
): Promise<WorkTree> {
  const tree = { ...outer, directory };
  return withOptions(tree, await git(tree, optionArgs, context));
}

const optionArgs = [
  ...["config", "-z", "--get-regexp"],
  "^(core\\.(filemode|symlinks|ignorecase)|filter\\..*\\.(clean|process|smudge|required))$",
];

/** `git config` ends with 1 when nothing is set. */
function withOptions(tree: WorkTree, exit: Exit): WorkTree {
  if (exit.exitCode > 1) throw gitRefused(optionArgs, exit);
  const answer = exit.stdout.toString();
  const { ignoreCase, ...options } = checkoutOptions(answer);
  const wrongIgnoreCase = ignoreCase && tellsCasesApart(tree.directory);
  const exact = wrongIgnoreCase ? ["-c", "core.ignoreCase=false"] : [];
  return {
    ...tree,
    ...options,
    wrongIgnoreCase,
    settings: [...tree.settings, ...exact, ...emptiedFilters(answer)],
  };
}

/** Whether `.git` and `.GIT` are two names on the disk of the repository. */
function tellsCasesApart(directory: string): boolean {
  const above = repositoryAbove(resolve(directory)) ?? directory;
  const [lower, upper] = [".git", ".GIT"].map((name) =>
    lstatSync(join(above, name), { bigint: true, throwIfNoEntry: false }),
  );
  return lower === undefined || upper === undefined || lower.ino !== upper.ino || lower.dev !== upper.dev;
}

/** Of `git` + `optionArgs`'s answer, `<name>\n<value>\0`; the last value of a name counts. */
export function checkoutOptions(answer: string): CheckoutOptions {
  const values = new Map(answer.split("\0").map((record) => [record.split("\n")[0], record.split("\n")[1]]));
  const isOn = (name: string) => !GIT_FALSE.includes(values.get(name)?.toLowerCase() ?? "true");
  const ignoreCase = values.has("core.ignorecase") && isOn("core.ignorecase");
  return { fileMode: isOn("core.filemode"), symlinks: isOn("core.symlinks"), ignoreCase };
}

interface CheckoutOptions extends Pick<WorkTree, "fileMode" | "symlinks"> {
  /** `core.ignoreCase`, off where it is not set. */
  readonly ignoreCase: boolean;
}

/** What git takes for false. A name alone is true. */
const GIT_FALSE = ["false", "no", "off", "0", ""];

/**
 * `-c` words that empty every filter of `git` + `optionArgs`'s answer, so that git runs no program that a tree's own
 * configuration names: it compares the bytes on disk. SnapshotRefused for a name that no `-c` can carry.
 */
export function emptiedFilters(answer: string): string[] {
  const names = answer.split("\0").map((record) => record.split("\n")[0] ?? "");
  const filters = new Set(
    names.filter((name) => name.startsWith("filter.")).map((name) => name.replace(/\.[^.]*$/, "")),
  );
  return [...filters].flatMap((filter) => {
    if (filter.includes("=")) throw unnameable(filter);
    const words = [`${filter}.clean=`, `${filter}.process=`, `${filter}.smudge=`, `${filter}.required=false`];
    return words.flatMap((word) => ["-c", word]);
  });
}

function unnameable(filter: string): SnapshotRefused {
  return new SnapshotRefused(
    `git's configuration has a filter with "=" in its name: ${JSON.stringify(filter)}`,
    {
      hint: "pikaci runs git without the filters of the repository, and cannot name this one; give it another name",
    },
  );
}

/**
 * What git tracks below a name of a directory, in whatever case, relative to the directory; nothing outside git.
 * SnapshotRefused with git's words when git refuses the repository.
 */
export async function trackedFiles(
  directory: string,
  name: string,
  context: GitContext,
): Promise<readonly string[]> {
  if (repositoryAbove(resolve(directory)) === null) return [];
  const args = ["ls-files", "-z", "--", `:(icase)${name}`];
  const ask = (settings: readonly string[]) => git(plainTree(directory, settings), args, context);
  const first = await ask([]);
  // Of the user's settings only `safe.directory` matters here, and only where git has refused.
  const exit = first.exitCode === 0 ? first : await ask(await userSettings(directory, context));
  if (exit.exitCode === 0)
    return exit.stdout
      .toString()
      .split("\0")
      .filter((path) => path !== "");
  if (/not a git repository \(or any|must be run in a work tree/.test(exit.stderr)) return [];
  throw gitRefused(args, exit);
}

/** The nearest directory from an absolute one upwards that has a `.git`, which need not be a repository. */
export function repositoryAbove(directory: string): string | null {
  if (existsSync(join(directory, ".git"))) return directory;
  const parent = dirname(directory);
  return parent === directory ? null : repositoryAbove(parent);
}

async function userSettings(directory: string, context: GitContext): Promise<string[]> {
  const pattern = "^(core\\.excludesfile|safe\\.directory)$";
  const args = ["config", "--type=path", "-z", "--get-regexp", pattern];
  const exit = await capture(["git", ...args], {
    cwd: directory,
    env: userEnv(context.env),
    signal: context.signal,
  });
  if (exit.exitCode > 1) throw gitRefused(args, exit);
  return settingWords(exit.stdout.toString());
}

/** `-c` words of `git config -z --get-regexp`'s answer: `<name>\n<value>\0`, a name alone for an empty value. */
export function settingWords(answer: string): string[] {
  const records = answer.split("\0").filter((record) => record !== "");
  return records.flatMap((record) => ["-c", record.replace(/\n|$/, "=")]);
}

export interface GitOptions {
  readonly input?: Buffer;
  /** Besides the hermetic environment. */
  readonly env?: Env;
}

/** Runs git in a work tree, hermetically: it starts no other program and no network. A non-zero exit is data. */
export function git(
  tree: WorkTree,
  args: readonly string[],
  context: GitContext,
  { env = {}, ...options }: GitOptions = {},
): Promise<Exit> {
  return capture(["git", ...fixed, ...tree.settings, ...withoutDrivers(args)], {
    cwd: tree.directory,
    env: { ...hermeticEnv(context.env), ...env },
    signal: context.signal,
    ...options,
  });
}

/**
 * Runs git in a repository that is not the work tree's: no configuration counts, neither the work tree's own nor the user's.
 * A non-zero exit is data.
 */
export function askOwnGit(
  directory: string,
  repository: string,
  args: readonly string[],
  context: GitContext,
): Promise<Exit> {
  const env = { GIT_DIR: repository, GIT_WORK_TREE: directory };
  return git(plainTree(directory, []), args, context, { env });
}

/** What git answers; throws SnapshotRefused with its words when it fails. */
export async function askGit(
  tree: WorkTree,
  args: readonly string[],
  context: GitContext,
  options: GitOptions = {},
): Promise<Buffer> {
  const exit = await git(tree, args, context, options);
  if (exit.exitCode !== 0) throw gitRefused(args, exit);
  return exit.stdout;
}

/** No program that attributes name for diffs. */
function withoutDrivers(args: readonly string[]): readonly string[] {
  const [command, ...rest] = args;
  return command === "diff" ? [command, "--no-ext-diff", "--no-textconv", ...rest] : args;
}

/** Runs no program that the repository names, and leaves the index alone. */
const fixed = [
  ["-c", "core.fsmonitor=false"],
  ["-c", "core.hooksPath=/dev/null"],
  ["-c", "core.attributesFile=/dev/null"],
].flat();

/** Without the variables by which a caller (a git hook, say) points git elsewhere; where configuration lies, stays. */
export function userEnv(env: Env): Env {
  const kept = Object.entries(env).filter(
    ([name]) => !name.startsWith("GIT_") || name.startsWith("GIT_CONFIG"),
  );
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}

/** Nothing of git's own variables, and no configuration but the repository's. */
export function hermeticEnv(env: Env): Env {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith("GIT_"));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_TERMINAL_PROMPT: "0",
  };
}

/** Git's own last words as an error. */
export function gitRefused(args: readonly string[], exit: Exit): SnapshotRefused {
  const words = exit.stderr.trim() || `exit code ${exit.exitCode}`;
  return new SnapshotRefused(`\`git ${args[0]}\` failed: ${words}`, {
    hint: "make `git status` work in the workspace, then run the command again",
  });
}
