import { type BytePath, joinPaths, ROOT } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import type { LeftOut } from "../../core/snapshot.ts";
import { inspect } from "../../system/files.ts";
import { askGit, git, gitRefused, openSubmodule, type WorkTree } from "../../system/git.ts";
import { type Candidates, noSource, type Source } from "../candidates.ts";
import { rules } from "../filters.ts";
import { type Found, type Looked, lookAll } from "../looking/look.ts";
import { type Circumstances, lookAround } from "../recall/circumstances.ts";
import { asCommitted, warnOfCheckout } from "./checkout.ts";
import {
  ignoredArgs,
  indexModes,
  type Listing,
  othersArgs,
  parseIgnored,
  parseListing,
  trackedArgs,
} from "./listing.ts";
import { isOnDisk, scan } from "./scan.ts";
import { gitSource } from "./source.ts";
import { submoduleDirectory } from "./submodules.ts";

/**
 * What git counts below a directory of a work tree, initialised submodules by the same rules. Null when the whole
 * directory is ignored by the repository around it, so that git knows nothing about it.
 */
export async function gitCandidates(tree: WorkTree, context: Context): Promise<Candidates | null> {
  const root = tree.directory;
  const { circumstances, output, tracked, others, ignored, looked, source } = await query(tree, context);
  const files = tracked.files.concat(others.files);
  if (files.length === 0 && (await isIgnored(tree, context))) return null;
  const disk = scan(root, { files, submodules: tracked.submodules, nested: others.nested }, ignored, context);
  const specials = await sortSpecials(tree, disk.specials, context);
  const untracked = specials.counted.filter((path) => !tracked.files.includes(path));
  const lookedLater = await lookAll(root, [...others.files, ...untracked], context);
  const submodules = await takeSubmodules(tree, tracked.submodules.filter(isOnDisk(disk)), context);
  const found = looked(isOnDisk(disk)).concat(lookedLater(isOnDisk(disk)));
  const modes = tree.fileMode && tree.symlinks ? NO_MODES : indexModes(output);
  warnOfCheckout(tree, tracked, found, modes, context);
  const { untracked: hasUntracked, nested } = others;
  const isWhole =
    disk.isWhole && tracked.submodules.length === 0 && nested.length === 0 && !tree.wrongIgnoreCase;
  const own: Candidates = {
    found: asCommitted(found, tree, modes),
    emptyDirectories: [],
    keepModes: !tree.fileMode,
    leftOut: [
      ...[...ignored, ...specials.ignored].map((path) => ({ path, rule: rules.ignored })),
      ...others.nested.map((path) => ({ path: joinPaths(path, ROOT), rule: rules.nested })),
    ],
    source,
    evidence: isWhole
      ? { tree, circumstances, found, directories: disk.seen, ignored, untracked: hasUntracked }
      : null,
  };
  return [own, ...submodules].reduce(merge);
}

const NO_MODES: ReadonlyMap<BytePath, string> = new Map();

interface Repository {
  readonly circumstances: Circumstances;
  /** What git said of its index. */
  readonly output: Buffer;
  readonly tracked: Listing;
  readonly others: Listing;
  readonly ignored: readonly BytePath[];
  /** At the tracked files. */
  readonly looked: Looked;
  readonly source: Source;
}

/** Asks git twice at once: reading the index is quick, so tracked files are looked at while git reads the directories. */
async function query(tree: WorkTree, context: Context): Promise<Repository> {
  const circumstances = await lookAround(tree, context);
  const look = async () => {
    const output = await askGit(tree, trackedArgs, context);
    const tracked = parseListing(output);
    return { output, tracked, looked: await lookAll(tree.directory, tracked.files, context) };
  };
  const [{ output, tracked, looked }, others, ignored] = await Promise.all([
    look(),
    askGit(tree, othersArgs, context).then(parseListing),
    askGit(tree, ignoredArgs, context).then(parseIgnored),
  ]);
  const questions = { submodules: tracked.submodules.length > 0, untracked: others.untracked };
  const source = gitSource(tree, { state: circumstances.state, tracked: output }, questions, context);
  return { circumstances, output, tracked, others, ignored, looked, source };
}

async function isIgnored(tree: WorkTree, context: Context): Promise<boolean> {
  return (await git(tree, ["check-ignore", "--quiet", "."], context)).exitCode === 0;
}

async function sortSpecials(
  tree: WorkTree,
  specials: readonly BytePath[],
  context: Context,
): Promise<{ readonly counted: BytePath[]; readonly ignored: BytePath[] }> {
  if (specials.length === 0) return { counted: [], ignored: [] };
  const args = ["check-ignore", "-z", "--stdin"];
  const input = Buffer.from(specials.map((path) => `./${path}\0`).join(""), "latin1");
  const exit = await git(tree, args, context, { input });
  if (exit.exitCode > 1) throw gitRefused(args, exit);
  const hits = new Set(exit.stdout.toString("latin1").split("\0"));
  const isHit = (path: BytePath) => hits.has(`./${path}`);
  return { counted: specials.filter((path) => !isHit(path)), ignored: specials.filter(isHit) };
}

async function takeSubmodules(
  tree: WorkTree,
  paths: readonly BytePath[],
  context: Context,
): Promise<Candidates[]> {
  const taken: Candidates[] = [];
  for (const path of paths) taken.push(await takeSubmodule(tree, path, context));
  return taken;
}

const nothing: Candidates = {
  found: [],
  emptyDirectories: [],
  leftOut: [],
  keepModes: false,
  source: noSource,
  evidence: null,
};

async function takeSubmodule(tree: WorkTree, path: BytePath, context: Context): Promise<Candidates> {
  const found = inspect(tree.directory, path);
  if (found === null) return nothing;
  if (found.type !== "directory") return { ...nothing, found: [{ path, ...found }] };
  const submodule = await openSubmodule(tree, submoduleDirectory(tree, path), context);
  const missing = { ...nothing, leftOut: [{ path: joinPaths(path, ROOT), rule: rules.uninitialised }] };
  if (!(await isOwnRoot(submodule, context))) return missing;
  return under(path, (await gitCandidates(submodule, context)) ?? nothing);
}

/** Whether git takes the directory for a repository of its own; it does not for an uninitialised submodule. */
async function isOwnRoot(tree: WorkTree, context: Context): Promise<boolean> {
  const prefix = await askGit(tree, ["rev-parse", "--show-prefix"], context);
  return prefix.toString("latin1").trim() === "";
}

function under(directory: BytePath, found: Candidates): Candidates {
  const move = (path: BytePath) => joinPaths(directory, path);
  const moveFound = ({ path, type, size, stat }: Found) => ({ path: move(path), type, size, stat });
  const moveLeftOut = ({ path, rule }: LeftOut) => ({ path: move(path), rule });
  return {
    ...found,
    found: found.found.map(moveFound),
    leftOut: found.leftOut.map(moveLeftOut),
  };
}

function merge(outer: Candidates, inner: Candidates): Candidates {
  return {
    found: outer.found.concat(inner.found),
    emptyDirectories: [],
    leftOut: [...outer.leftOut, ...inner.leftOut],
    keepModes: outer.keepModes || inner.keepModes,
    source: either(outer.source, inner.source),
    evidence: null,
  };
}

/** The outer repository's HEAD; dirty when either repository is. */
function either(outer: Source, inner: Source): Source {
  return async (stats) => {
    const [info, { git_dirty }] = [await outer(stats), await inner(stats)];
    return { ...info, git_dirty: info.git_dirty || git_dirty };
  };
}
