import { basename, dirname } from "node:path";
import { bytePath, displayPath, ROOT } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import { SnapshotRefused } from "../core/errors.ts";
import type { HashedSnapshot, Snapshot, SnapshotEntry } from "../core/snapshot.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import { type Inspected, inspect, realPath } from "../system/files.ts";
import { type HashTreeOptions, hashTree } from "../tree/hashing/hash-tree.ts";
import { assemble } from "../tree/manifest/assemble.ts";
import { byPath, encodeManifest } from "../tree/manifest/manifest.ts";
import { walkCandidates } from "../tree/walk-candidates.ts";

/** A directory or a single file with its content hash, everything in it counted: git and filters have no say. */
export interface HashedPath {
  /** Absolute, symlinks resolved: what to add to a store. */
  readonly realPath: string;
  readonly kind: "directory" | "file";
  /** Of a directory, its tree; of a file, one entry under its base name. */
  readonly hashed: HashedSnapshot;
}

/** `path` itself may be a symlink and is followed; symlinks below it are kept. Throws SnapshotRefused. */
export async function hashPath(
  path: string,
  context: Context,
  options: HashTreeOptions = {},
): Promise<HashedPath> {
  const real = realPath(path);
  const kind = inspect(real, ROOT)?.type === "directory" ? "directory" : "file";
  const snapshot = kind === "directory" ? await wholeDirectory(real, context) : singleFile(real);
  const tree = await hashTree(
    { root: workspaceOf(snapshot), about: real },
    snapshot.entries,
    context,
    options,
  );
  const manifest = tree.manifest ?? encodeManifest(tree.entries);
  return { realPath: real, kind, hashed: assemble(snapshot, tree.entries, manifest, tree.filesRead) };
}

const outsideGit = { git_head: null, git_dirty: false };

async function wholeDirectory(root: string, context: Context): Promise<Snapshot> {
  const { found } = await walkCandidates(root, () => null, context);
  const entries = found.map(({ path, ...what }) => entryOf(root, path, what));
  return { workspace: root, source: outsideGit, entries: entries.sort(byPath), leftOut: [] };
}

function singleFile(realPath: string): Snapshot {
  const root = dirname(realPath);
  const path = bytePath(Buffer.from(basename(realPath)));
  const found = inspect(root, path);
  const entries = found === null ? [] : [entryOf(root, path, found)];
  return { workspace: root, source: outsideGit, entries, leftOut: [] };
}

function entryOf(root: string, path: SnapshotEntry["path"], { type, size, stat }: Inspected): SnapshotEntry {
  if (type !== "special") return { path, type, size, stat };
  throw new SnapshotRefused(`"${displayPath(path)}" in ${JSON.stringify(root)} is a socket, FIFO or device`, {
    hint: "remove it: a prepared path holds only files, directories and symlinks",
  });
}
