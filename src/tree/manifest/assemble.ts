import type { HashedEntry, HashedSnapshot, Snapshot } from "../../core/snapshot.ts";
import { contentHashOf } from "../../system/blake3.ts";
import { encodeManifest } from "./manifest.ts";

/** A hashed snapshot of exactly these entries, in byte order of their paths; reads nothing. */
export function assemble(
  snapshot: Snapshot,
  entries: readonly HashedEntry[],
  manifest: Buffer = encodeManifest(entries),
  filesRead = 0,
): HashedSnapshot {
  return {
    snapshot: { ...snapshot, entries },
    entries,
    contentHash: contentHashOf(manifest),
    manifest,
    fileCount: entries.filter(({ type }) => type !== "directory").length,
    byteCount: entries.reduce((sum, { size }) => sum + size, 0),
    filesRead,
  };
}
