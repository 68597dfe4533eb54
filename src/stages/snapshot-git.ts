import { join } from "node:path";
import type { Context } from "../context.ts";
import { SnapshotRefused } from "../errors.ts";
import { rules } from "../filters.ts";
import {
  ignoredArgs,
  type Listing,
  listingArgs,
  parseIgnored,
  parseListing,
  parseStatus,
  statusArgs,
} from "../git-listing.ts";
import { type BytePath, displayPath, pathBytes } from "../ids.ts";
import { inspect } from "../io/files.ts";
import { git, gitRefused, type WorkTree } from "../io/git.ts";
import { children } from "../io/walk.ts";
import type { LeftOut, SourceInfo } from "../model.ts";
import { joinPaths, parentPath, ROOT } from "../paths.ts";
import type { Candidates } from "./snapshot-candidates.ts";

interface Repository {
  readonly listing: Listing;
  readonly ignored: readonly BytePath[];
  readonly source: SourceInfo;
}

/**
 * What git counts below a directory of a work tree, initialised submodules by the same rules. Null when the whole
 * directory is ignored by the repository around it, so that git has nothing to say about it.
 */
export async function gitCandidates(tree: WorkTree, context: Context): Promise<Candidates | null> {
  const repository = await query(tree, context);
  const { listing, ignored, source } = repository;
  if (listing.files.length === 0 && (await isIgnored(tree, context))) return null;
  const disk = scan(tree.directory, repository);
  const specials = await sortSpecials(tree, disk.specials, context);
  const submodules = await takeSubmodules(tree, listing.submodules.filter(isOnDisk(disk)), context);
  const own: Candidates = {
    files: listing.files.filter(isOnDisk(disk)),
    emptyDirectories: [],
    specials: specials.counted,
    leftOut: [
      ...[...ignored, ...specials.ignored].map((path) => ({ path, rule: rules.ignored })),
      ...listing.nested.map((path) => ({ path: joinPaths(path, ROOT), rule: rules.nested })),
    ],
    source: { ...source, git_dirty: source.git_dirty || listing.untracked },
  };
  return [own, ...submodules].reduce(merge);
}

async function query(tree: WorkTree, context: Context): Promise<Repository> {
  const [listing, ignored, status] = await Promise.all([
    ask(tree, listingArgs, context),
    ask(tree, ignoredArgs, context),
    ask(tree, statusArgs, context),
  ]);
  return { listing: parseListing(listing), ignored: parseIgnored(ignored), source: parseStatus(status) };
}

async function ask(tree: WorkTree, args: readonly string[], context: Context): Promise<Buffer> {
  const exit = await git(tree, args, context);
  if (exit.exitCode !== 0) throw gitRefused(args, exit);
  return exit.stdout;
}

async function isIgnored(tree: WorkTree, context: Context): Promise<boolean> {
  return (await git(tree, ["check-ignore", "--quiet", "."], context)).exitCode === 0;
}

interface Disk {
  /** Real directories, none reached through a symlink. */
  readonly directories: ReadonlySet<BytePath>;
  readonly specials: readonly BytePath[];
}

/** Git never lists special files: looks into every directory that it neither ignores nor leaves to another repository. */
function scan(root: string, { listing, ignored }: Repository): Disk {
  const counted = ancestors([...listing.files, ...listing.submodules]);
  const foreign = new Set<BytePath>([...listing.submodules, ...listing.nested]);
  const skipped = new Set<BytePath>(ignored);
  const directories = new Set<BytePath>([ROOT]);
  const specials: BytePath[] = [];
  const enters = (path: BytePath) =>
    counted.has(path) ||
    !(foreign.has(path) || skipped.has(joinPaths(path, ROOT)) || /(^|\/)\.git$/.test(path));
  for (const directory of directories)
    for (const { path, kind } of children(root, directory)) {
      if (kind === "special") specials.push(path);
      if (kind === "directory" && enters(path)) directories.add(path);
    }
  return { directories, specials };
}

function ancestors(paths: readonly BytePath[]): Set<BytePath> {
  const found = new Set<BytePath>([ROOT]);
  for (const path of paths)
    for (let parent = parentPath(path); !found.has(parent); parent = parentPath(parent)) found.add(parent);
  return found;
}

/** A tracked path below what is now a symlink or a file is deleted, whatever the link leads to. */
function isOnDisk({ directories }: Disk): (path: BytePath) => boolean {
  return (path) => directories.has(parentPath(path));
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
  files: [],
  emptyDirectories: [],
  specials: [],
  leftOut: [],
  source: { git_head: null, git_dirty: false },
};

async function takeSubmodule(tree: WorkTree, path: BytePath, context: Context): Promise<Candidates> {
  const found = inspect(tree.directory, path);
  if (found === null) return nothing;
  if (found.type !== "directory") return { ...nothing, files: [path] };
  const submodule = { ...tree, directory: join(tree.directory, textPath(path)) };
  const missing = { ...nothing, leftOut: [{ path: joinPaths(path, ROOT), rule: rules.uninitialised }] };
  if (!(await isOwnRoot(submodule, context))) return missing;
  return under(path, (await gitCandidates(submodule, context)) ?? nothing);
}

/** An uninitialised submodule belongs, for git, to the repository around it. */
async function isOwnRoot(tree: WorkTree, context: Context): Promise<boolean> {
  const prefix = await ask(tree, ["rev-parse", "--show-prefix"], context);
  return prefix.toString("latin1").trim() === "";
}

function textPath(path: BytePath): string {
  const text = pathBytes(path).toString("utf8");
  if (Buffer.from(text, "utf8").equals(pathBytes(path))) return text;
  throw new SnapshotRefused(`the name of the submodule "${displayPath(path)}" is not UTF-8`, {
    hint: "move the submodule to a path in UTF-8, or leave it out with `git submodule deinit`",
  });
}

function under(directory: BytePath, found: Candidates): Candidates {
  const move = (path: BytePath) => joinPaths(directory, path);
  const moveLeftOut = ({ path, rule }: LeftOut) => ({ path: move(path), rule });
  return {
    ...found,
    files: found.files.map(move),
    specials: found.specials.map(move),
    leftOut: found.leftOut.map(moveLeftOut),
  };
}

function merge(outer: Candidates, inner: Candidates): Candidates {
  return {
    files: [...outer.files, ...inner.files],
    emptyDirectories: [],
    specials: [...outer.specials, ...inner.specials],
    leftOut: [...outer.leftOut, ...inner.leftOut],
    source: { ...outer.source, git_dirty: outer.source.git_dirty || inner.source.git_dirty },
  };
}
