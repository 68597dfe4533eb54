import type { ManifestEntry } from "./manifest.ts";
import { entryLength, MANIFEST_HEAD, readEntry } from "./manifest.ts";

/** Told of two manifests side by side, in byte order of paths; offsets are bytes of each manifest. */
interface ManifestVisitor {
  /** Both have this entry alike: `length` bytes at these offsets. */
  same(before: number, after: number, length: number): void;
  /** An entry that the second lacks or has otherwise. */
  removed(entry: ManifestEntry): void;
  /** An entry that the first lacks or has otherwise; `index` counts the second's entries. */
  added(entry: ManifestEntry, index: number): void;
}

/** Compares two manifests as bytes, and parses only what differs; both must be what their hashes say. */
export function walkManifests(before: Buffer, after: Buffer, visitor: ManifestVisitor): void {
  let left = MANIFEST_HEAD;
  let right = MANIFEST_HEAD;
  for (let index = 0; left < before.length || right < after.length; ) {
    const leftLength = left < before.length ? entryLength(before, left) : 0;
    const rightLength = right < after.length ? entryLength(after, right) : 0;
    const equal =
      leftLength === rightLength &&
      before.compare(after, right, right + rightLength, left, left + leftLength) === 0;
    const order = equal ? 0 : comparePaths(before, left, after, right);
    if (equal) visitor.same(left, right, leftLength);
    if (!equal && order <= 0) visitor.removed(readEntry(before, left).entry);
    if (!equal && order >= 0) visitor.added(readEntry(after, right).entry, index);
    if (order <= 0) left += leftLength;
    if (order < 0) continue;
    right += rightLength;
    index += 1;
  }
}

/** An end comes after every path. */
function comparePaths(before: Buffer, left: number, after: Buffer, right: number): number {
  if (left >= before.length) return 1;
  if (right >= after.length) return -1;
  const a = readEntry(before, left).entry.path;
  const b = readEntry(after, right).entry.path;
  return a < b ? -1 : a > b ? 1 : 0;
}
