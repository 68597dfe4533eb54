import type { Context } from "../context.ts";
import { contentHashOf } from "../io/blake3.ts";
import { type HashOptions, hashEntries } from "../io/hash-pool.ts";
import { encodeManifest } from "../manifest.ts";
import type { HashedEntry, HashedSnapshot, Snapshot } from "../model.ts";

/**
 * Reads every file and gives the tree its content hash, docs/manifest.md. A file that changed since the snapshot
 * counts as it is now, one that is gone is dropped. Throws SnapshotRefused for what is unreadable or keeps changing.
 */
export async function hash(
  snapshot: Snapshot,
  context: Context,
  options: HashOptions = {},
): Promise<HashedSnapshot> {
  const entries = await hashEntries(snapshot.workspace, snapshot.entries, context, options);
  const hashed = assemble(
    snapshot,
    entries.filter((entry) => entry !== null),
  );
  const { contentHash, fileCount, byteCount } = hashed;
  context.emit({ type: "hashed", contentHash, fileCount, byteCount });
  return hashed;
}

/** A hashed snapshot of exactly these entries, in byte order of their paths; reads nothing. */
export function assemble(snapshot: Snapshot, entries: readonly HashedEntry[]): HashedSnapshot {
  const manifest = encodeManifest(entries);
  return {
    snapshot: { ...snapshot, entries },
    entries,
    contentHash: contentHashOf(manifest),
    manifest,
    fileCount: entries.filter(({ type }) => type !== "directory").length,
    byteCount: entries.reduce((sum, { size }) => sum + size, 0),
  };
}
