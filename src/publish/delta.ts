import { type BytePath, bytePath } from "../core/byte-path.ts";
import { GIT_INDEX } from "../core/layout.ts";
import type { EntryType } from "../core/snapshot.ts";
import type { ManifestEntry } from "../tree/manifest/manifest.ts";
import type { ManifestView } from "../tree/manifest/view.ts";

/** An entry of the staged tree that the published tree must not have, or must have differently. */
export interface Stale {
  readonly path: BytePath;
  readonly type: EntryType;
  /** Null when the content is not known. */
  readonly digest: string | null;
}

/** How a staged tree becomes the one that is published; files are replaced, never written to. */
export interface Delta {
  /** To be removed before anything is unpacked: files, then directories, the deepest first. */
  readonly drop: readonly BytePath[];
  /** Renamed files: new path → old path, each old path used once. */
  readonly moves: ReadonlyMap<BytePath, BytePath>;
  /** To be removed after unpacking, in this order: the old paths of `moves`, then directories. */
  readonly late: readonly BytePath[];
  /** Directories whose times change when `late` is removed. */
  readonly touch: readonly BytePath[];
  /** Directories that are new or touched, in byte order. */
  readonly directories: readonly BytePath[];
}

/** What to do where a tree holds `stale` and lacks `added`, both in byte order; `target` is the manifest of the whole new tree. */
export function planDelta(
  stale: readonly Stale[],
  added: readonly ManifestEntry[],
  target: ManifestView,
): Delta {
  const files = new Set<string>(added.filter(({ type }) => type !== "directory").map(({ path }) => path));
  const isDirectory = (path: BytePath) => target.isDirectory(path);
  const below = (path: BytePath) => parents(path).some((parent) => files.has(parent));
  const inTheWay = (path: BytePath) => files.has(path) || isDirectory(path) || below(path);
  const moves = findMoves(
    stale.filter(({ path }) => !inTheWay(path)),
    added,
  );
  const sources = new Set(moves.values());
  const directories = concerned([...stale, ...added]);
  const gone = directories.filter((path) => !isDirectory(path)).reverse();
  const blocks = (path: BytePath) => files.has(path) || below(path);
  const late = [...sources, ...gone.filter((path) => !blocks(path))];
  const dropped = stale.filter(({ path, type }) => type !== "directory" && !sources.has(path));
  return {
    drop: [...dropped.map(({ path }) => path), ...gone.filter(blocks)],
    moves,
    late,
    touch: [...new Set(late.flatMap(parents))].filter(isDirectory),
    directories: directories.filter(isDirectory),
  };
}

/** `a/b/c` → `a`, `a/b`. */
export function parents(path: BytePath): BytePath[] {
  const found: BytePath[] = [];
  for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) found.push(prefix(path, at));
  return found;
}

function prefix(path: BytePath, length: number): BytePath {
  return bytePath(Buffer.from(path.slice(0, length), "latin1"));
}

/** The given directories and all parents of the given paths, in byte order. */
function concerned(items: readonly { readonly path: BytePath; readonly type: EntryType }[]): BytePath[] {
  const found = new Set<BytePath>();
  for (const { path, type } of items) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const parent = prefix(path, at);
      if (found.has(parent)) break;
      found.add(parent);
    }
    if (type === "directory") found.add(path);
  }
  return [...found].sort();
}

/** Whether the path has another time than the rest of the tree. A rename keeps the time, so such a path is never renamed. */
function hasOwnTime(path: BytePath): boolean {
  return `snapshot/${path}` === GIT_INDEX;
}

/** Finds renamed files. An old file is used once, since two paths of one tree must never share an inode. */
function findMoves(sources: readonly Stale[], added: readonly ManifestEntry[]): Map<BytePath, BytePath> {
  const known = new Map<string, BytePath[]>();
  for (const { path, type, digest } of sources) {
    if (hasOwnTime(path) || digest === null || (type !== "file" && type !== "executable")) continue;
    const key = `${type} ${digest}`;
    const paths = known.get(key);
    if (paths === undefined) known.set(key, [path]);
    else paths.push(path);
  }
  const moves = new Map<BytePath, BytePath>();
  for (const { path, type, digest } of added) {
    if (hasOwnTime(path)) continue;
    const from = known.get(`${type} ${digest}`)?.pop();
    if (from !== undefined) moves.set(path, from);
  }
  return moves;
}
