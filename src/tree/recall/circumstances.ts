import { lstatSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Context } from "../../core/context.ts";
import type { InfraError } from "../../core/errors.ts";
import { blake3Hex } from "../../system/blake3.ts";
import { codeOf } from "../../system/error-code.ts";
import { capture } from "../../system/exec.ts";
import { isSettled, type Moment, packStat, STAT_SIZE, unpackStat } from "../../system/file-stat.ts";
import { git, userEnv, type WorkTree } from "../../system/git.ts";
import { readClock } from "../tree-clock.ts";
import { fromLatin1 } from "./fields.ts";

/** What decides, besides the tree itself, which files git counts and which commit they are based on. */
export interface Circumstances {
  /** By the clock of the tree's file system, before anything was looked at. */
  readonly moment: Moment | InfraError;
  /** What git says of its configuration, as a digest. */
  readonly config: string;
  /** What git says of its directory and of HEAD; empty before the first commit. */
  readonly state: string;
  /** Files outside the tree, or that git ignores, by absolute path: `watchedStat`. */
  readonly watched: readonly (readonly [path: string, stat: string])[];
}

const stateArgs = [
  ...["rev-parse", "--is-inside-work-tree", "--show-cdup"],
  ...["--git-path", "index", "--git-path", "info/exclude", "--git-path", "info/attributes"],
  ...["--git-path", "config", "HEAD", "--symbolic-full-name", "HEAD", "--"],
];

/** The lines of `Circumstances.state`; null before the first commit. */
export function parseState(state: string): RepositoryState | null {
  const lines = fromLatin1(state).split("\n");
  const [inside, up = "", index = "", exclude = "", attributes = "", config = "", head = "", ref = ""] =
    lines;
  if (lines.length !== LINES || inside !== "true" || !/^[0-9a-f]+$/.test(head)) return null;
  const branch = ref.startsWith(BRANCH) ? ref.slice(BRANCH.length) : null;
  return { up, index, exclude, attributes, config, head, branch };
}

const LINES = 10;
const BRANCH = "refs/heads/";

/** Paths relative to the directory that git was asked in, or absolute. */
interface RepositoryState {
  /** To the top of the work tree: `../../`, empty at the top. */
  readonly up: string;
  readonly index: string;
  readonly exclude: string;
  readonly attributes: string;
  readonly config: string;
  /** A commit's id. */
  readonly head: string;
  /** Without `refs/heads/`; null when HEAD is detached. */
  readonly branch: string | null;
}

/** Asks and looks, in this order: what is told of the tree afterwards is not older. */
export async function lookAround(tree: WorkTree, context: Context): Promise<Circumstances> {
  const moment = readClock(context);
  const [config, state] = await Promise.all([askConfig(tree, context), askState(tree, context)]);
  const watched = watchedFiles(tree, state, context).map((path) => [path, watchedStat(path)] as const);
  return { moment, config, state, watched };
}

/** As the user has it, which tells more than pikaci lets count, and whether git trusts the repository's owner. */
export async function askConfig(
  { directory }: Pick<WorkTree, "directory">,
  context: Context,
): Promise<string> {
  const { exitCode, stdout } = await capture(["git", "config", "-z", "--list", "--show-scope"], {
    cwd: directory,
    env: userEnv(context.env),
    signal: context.signal,
  });
  return `${exitCode} ${blake3Hex(stdout)}`;
}

export async function askState(tree: WorkTree, context: Context): Promise<string> {
  const { exitCode, stdout } = await git(tree, stateArgs, context);
  return exitCode === 0 ? stdout.toString("latin1") : "";
}

/** The index, and the files of rules that are not in the tree: above it, in the repository, in the user's configuration. */
function watchedFiles(tree: WorkTree, answer: string, { env }: Context): string[] {
  const state = parseState(answer);
  if (state === null) return [];
  const inRepository = [state.index, state.exclude, state.attributes].map((path) =>
    resolve(tree.directory, path),
  );
  const above = directoriesAbove(tree.directory, state.up);
  const rules = above.flatMap((directory) => [
    join(directory, ".gitignore"),
    join(directory, ".gitattributes"),
  ]);
  return [...inRepository, ...rules, ...ignoreFiles(tree, env)];
}

function directoriesAbove(directory: string, up: string): string[] {
  const depth = up.split("/").length - 1;
  const found: string[] = [];
  for (let at = directory; found.length < depth; ) {
    at = dirname(at);
    found.push(at);
  }
  return found;
}

/** `core.excludesFile`, wherever it was set, or what git takes without it. */
function ignoreFiles(
  { directory, settings }: WorkTree,
  { HOME = "", XDG_CONFIG_HOME = "" }: Context["env"],
): string[] {
  const set = settings
    .filter((word) => word.startsWith("core.excludesfile="))
    .map((word) => resolve(directory, word.slice("core.excludesfile=".length)));
  const place = XDG_CONFIG_HOME === "" ? join(HOME, ".config") : XDG_CONFIG_HOME;
  return isAbsolute(place) ? [...set, join(place, "git/ignore")] : set;
}

/** The packed stat of what is there and, through a link, of where it leads; empty when nothing is, `?` when it cannot be told. */
export function watchedStat(path: string): string {
  const options = { bigint: true, throwIfNoEntry: false } as const;
  try {
    const [here, target] = [lstatSync(path, options), statSync(path, options)];
    return here === undefined ? "" : packStat(here) + (target === undefined ? "" : packStat(target));
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return "?";
  }
}

/** Whether every later change must show in what `watchedStat` gives. */
export function isWatchable(stat: string, moment: Moment): boolean {
  if (stat === "") return true;
  const whole = stat.length === 2 * STAT_SIZE;
  return (
    whole &&
    [stat.slice(0, STAT_SIZE), stat.slice(STAT_SIZE)].every((one) => isSettled(unpackStat(one), moment))
  );
}
