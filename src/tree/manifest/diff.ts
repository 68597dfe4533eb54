import type { BytePath } from "../../core/byte-path.ts";
import { byPath, type ManifestEntry } from "./manifest.ts";

/**
 * What happened to one path. `modified`: content, perhaps the executable bit too; `mode`: only that bit; `type`: a file,
 * a symlink or a directory became another of them.
 */
export type Change =
  | { readonly kind: "added"; readonly path: BytePath; readonly after: ManifestEntry }
  | { readonly kind: "removed"; readonly path: BytePath; readonly before: ManifestEntry }
  | {
      readonly kind: "modified" | "mode" | "type";
      readonly path: BytePath;
      readonly before: ManifestEntry;
      readonly after: ManifestEntry;
    };

export type ChangeKind = Change["kind"];

/** The changes that turn one tree into another, in byte order of paths; both sides in that order, no path twice. */
export function diffManifests(before: readonly ManifestEntry[], after: readonly ManifestEntry[]): Change[] {
  const changes: Change[] = [];
  let left = 0;
  let right = 0;
  for (;;) {
    const old = before[left];
    const now = after[right];
    if (old === undefined && now === undefined) return changes;
    const change = compare(old, now);
    if (change !== null) changes.push(change);
    if (change?.kind !== "added") left += 1;
    if (change?.kind !== "removed") right += 1;
  }
}

function compare(before: ManifestEntry | undefined, after: ManifestEntry | undefined): Change | null {
  if (after !== undefined && (before === undefined || after.path < before.path))
    return { kind: "added", path: after.path, after };
  if (before === undefined) return null;
  if (after === undefined || before.path < after.path) return { kind: "removed", path: before.path, before };
  const kind = kindOf(before, after);
  return kind === null ? null : { kind, path: after.path, before, after };
}

function kindOf(before: ManifestEntry, after: ManifestEntry): "modified" | "mode" | "type" | null {
  if (sortOf(before) !== sortOf(after)) return "type";
  if (before.digest !== after.digest || before.size !== after.size) return "modified";
  return before.type === after.type ? null : "mode";
}

/** The type without the executable bit. */
function sortOf({ type }: ManifestEntry): string {
  return type === "executable" ? "file" : type;
}

/** Applies changes, in byte order of paths: `applyChanges(a, diffManifests(a, b))` equals `b`. */
export function applyChanges(
  before: readonly ManifestEntry[],
  changes: readonly Change[],
): readonly ManifestEntry[] {
  const entries = new Map(before.map((entry) => [entry.path, entry]));
  for (const change of changes)
    if (change.kind === "removed") entries.delete(change.path);
    else entries.set(change.path, change.after);
  return [...entries.values()].sort(byPath);
}

/** Bytes of the files whose content occurs in the second tree and nowhere in the first, each content once. */
export function newContentBytes(before: readonly ManifestEntry[], changes: readonly Change[]): number {
  const known = new Set(before.map(({ digest }) => digest));
  let bytes = 0;
  for (const change of changes) {
    if (change.kind === "removed" || known.has(change.after.digest)) continue;
    known.add(change.after.digest);
    bytes += change.after.size;
  }
  return bytes;
}
