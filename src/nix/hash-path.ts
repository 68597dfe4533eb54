import { basename, dirname } from "node:path";
import { bytePath, displayPath, ROOT } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import { SnapshotRefused } from "../core/errors.ts";
import { NO_SOURCE } from "../core/no-source.ts";
import type { HashedSnapshot, Snapshot, SnapshotEntry } from "../core/snapshot.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import { type Inspected, inspect, realPath } from "../system/files.ts";
import type { Rule } from "../tree/filters.ts";
import { globMatcher } from "../tree/globs.ts";
import { type HashTreeOptions, hashTree } from "../tree/hashing/hash-tree.ts";
import { assemble } from "../tree/manifest/assemble.ts";
import { byPath, encodeManifest } from "../tree/manifest/manifest.ts";
import { walkCandidates } from "../tree/walk-candidates.ts";

/** A directory or a single file with its content hash; git and the project's filters have no say in what counts. */
export interface HashedPath {
  /** Absolute, symlinks resolved: what to add to a store. */
  readonly realPath: string;
  readonly kind: "directory" | "file";
  /** Of a directory, its tree; of a file, one entry under its base name. What was left out is in its snapshot. */
  readonly hashed: HashedSnapshot;
}

interface HashPathOptions extends HashTreeOptions {
  /** Globs of what in a directory does not count. */
  readonly exclude?: readonly string[];
}

/** `path` itself may be a symlink and is followed; symlinks below it are kept. Throws SnapshotRefused. */
export async function hashPath(
  path: string,
  context: Context,
  { exclude = [], ...options }: HashPathOptions = {},
): Promise<HashedPath> {
  const real = realPath(path);
  const kind = inspect(real, ROOT)?.type === "directory" ? "directory" : "file";
  const snapshot =
    kind === "directory" ? await directory(real, globMatcher(exclude), context) : singleFile(real);
  const tree = await hashTree(
    { root: workspaceOf(snapshot), about: real },
    snapshot.entries,
    context,
    options,
  );
  const manifest = tree.manifest ?? encodeManifest(tree.entries);
  return { realPath: real, kind, hashed: assemble(snapshot, tree.entries, manifest, tree.filesRead) };
}

async function directory(root: string, rule: Rule, context: Context): Promise<Snapshot> {
  const { found, leftOut } = await walkCandidates(root, rule, context);
  const entries = found.map(({ path, ...what }) => entryOf(root, path, what));
  return { workspace: root, source: NO_SOURCE, entries: entries.sort(byPath), leftOut };
}

function singleFile(realPath: string): Snapshot {
  const root = dirname(realPath);
  const path = bytePath(Buffer.from(basename(realPath)));
  const found = inspect(root, path);
  const entries = found === null ? [] : [entryOf(root, path, found)];
  return { workspace: root, source: NO_SOURCE, entries, leftOut: [] };
}

function entryOf(root: string, path: SnapshotEntry["path"], { type, size, stat }: Inspected): SnapshotEntry {
  if (type !== "special") return { path, type, size, stat };
  throw new SnapshotRefused(`"${displayPath(path)}" in ${JSON.stringify(root)} is a socket, FIFO or device`, {
    hint: "remove it: a prepared path holds only files, directories and symlinks",
  });
}
