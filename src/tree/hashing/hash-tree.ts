import type { Context } from "../../core/context.ts";
import type { HashedEntry, SnapshotEntry } from "../../core/snapshot.ts";
import { type HashOptions, hashEntries } from "./hash-pool.ts";
import { noStatCache, openStatCache, type StatCache } from "./stat-cache.ts";
import { warnOfMemory } from "./warn.ts";

export interface HashTreeOptions extends HashOptions {
  /** `renew` reads every file and stores the results; `none` neither reads nor writes the cache. Default `use`. */
  readonly cache?: "use" | "renew" | "none";
}

interface HashedTree {
  readonly entries: readonly HashedEntry[];
  /** The entries' canonical manifest where it is known already. */
  readonly manifest: Buffer | null;
  /** Files and symlinks whose content was read; the others were known by their `lstat`. */
  readonly filesRead: number;
}

/**
 * Hashes entries below `root`, in byte order of their paths; files that the stat cache of `about` knows are not read. Files with
 * findings of the guards are not cached. A cache that cannot be written is a warning. Throws SnapshotRefused.
 */
export async function hashTree(
  { root, about }: { readonly root: string; readonly about: string },
  entries: readonly SnapshotEntry[],
  context: Context,
  options: HashTreeOptions = {},
): Promise<HashedTree> {
  const mode = options.cache ?? "use";
  const cache = mode === "none" ? noStatCache : openStatCache(about, context);
  const found = mode === "use" ? cache.find(entries) : entries.map(() => null);
  const unknown = entries.filter((_, index) => found[index] === null);
  if (unknown.length === 0) return allKnown(found.filter(isHashed), cache, context);
  const read = (await hashEntries(root, unknown, context, options)).values();
  const all = found.map((entry) => entry ?? read.next().value ?? null);
  const now = all.filter(isHashed);
  const fresh = all.filter((entry, index): entry is HashedEntry => isHashed(entry) && found[index] === null);
  const clean = fresh.filter(({ findings }) => findings === undefined);
  warnOfMemory(cache.save(found.filter(isHashed), clean), context);
  return { entries: now, manifest: null, filesRead: fresh.filter(({ type }) => type !== "directory").length };
}

function allKnown(entries: readonly HashedEntry[], cache: StatCache, context: Context): HashedTree {
  const unchanged = entries.length === cache.count;
  if (!unchanged) warnOfMemory(cache.save(entries, []), context);
  return { entries, manifest: unchanged ? cache.manifest : null, filesRead: 0 };
}

function isHashed(entry: HashedEntry | null): entry is HashedEntry {
  return entry !== null;
}
