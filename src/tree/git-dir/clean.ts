import type { BytePath } from "../../core/byte-path.ts";
import { PUBLISHED_TIME } from "../../core/layout.ts";
import type { SnapshotEntry } from "../../core/snapshot.ts";
import { unpackStat } from "../../system/file-stat.ts";
import type { GuestStat } from "./index-file.ts";
import type { IndexStat, Tracked } from "./tracked.ts";

/**
 * The files of a snapshot that, by their stats, are as in the index, and the stats that they have in a guest. The others are
 * left out, so git in the guest reads them. `writtenNs` is when the index was written: a file that was changed
 * at that moment may have changed again.
 */
export function cleanFiles(
  tracked: readonly Tracked[],
  entries: readonly SnapshotEntry[],
  writtenNs: bigint,
): ReadonlyMap<BytePath, GuestStat> {
  const stats = new Map(tracked.filter(({ stage }) => stage === "0").map(({ path, stat }) => [path, stat]));
  const clean = new Map<BytePath, GuestStat>();
  for (const { path, size, stat } of entries) {
    const known = stats.get(path) ?? null;
    if (known !== null && known.mtimeNs < writtenNs && isSame(known, stat))
      clean.set(path, { mtime: PUBLISHED_TIME, size });
  }
  return clean;
}

const LOW = 0xffff_ffffn;

function isSame({ ctimeNs, mtimeNs, ino, size }: IndexStat, packed: string): boolean {
  const now = unpackStat(packed);
  return (
    now.mtimeNs === mtimeNs && now.ctimeNs === ctimeNs && (now.ino & LOW) === ino && (now.size & LOW) === size
  );
}
