import type { Context } from "../../core/context.ts";
import { InfraError } from "../../core/errors.ts";
import { GUARD_VERSION } from "../../core/guard-rules.ts";
import type { HashedEntry, SnapshotEntry } from "../../core/snapshot.ts";
import { isSettled, STAT_SIZE, unpackStat } from "../../system/file-stat.ts";
import { type CacheKey, readCache, readSealed, writeCache } from "../cache-file.ts";
import { byPath, encodeManifest, MANIFEST_VERSION, ManifestCursor } from "../manifest/manifest.ts";
import { readClock } from "../tree-clock.ts";

/** Digests of the files below a path by their `lstat`; docs/snapshot.md says when one is trusted. */
export interface StatCache {
  /** How many entries it holds, and their manifest. */
  readonly count: number;
  readonly manifest: Buffer | null;
  /** Each entry with its digest, or null where the digest is unknown; entries in byte order of their paths. */
  find(entries: readonly SnapshotEntry[]): (HashedEntry | null)[];
  /** Stores these entries and forgets all others. Those just read are stored only if any later change will change their stat. */
  save(known: readonly HashedEntry[], read: readonly HashedEntry[]): InfraError | null;
}

/** The cache of a path; open it before anything below the path is read. */
export function openStatCache(path: string, context: Context): StatCache {
  const key = keyOf(path);
  const moment = readClock(context);
  const memory = parse(readCache(key, context));
  return {
    count: memory?.count ?? 0,
    manifest: memory?.manifest ?? null,
    find: (entries) => (memory === null ? entries.map(() => null) : find(memory, entries)),
    save: (known, read) => {
      if (moment instanceof InfraError) return read.length === 0 ? null : moment;
      const settled = read.filter(({ stat }) => isSettled(unpackStat(stat), moment));
      if (settled.length === 0 && known.length === (memory?.count ?? 0)) return null;
      return writeCache(key, encode([...known, ...settled]), context);
    },
  };
}

/** What the cache of a path holds, as bytes. */
export interface KnownTree {
  readonly manifest: Buffer;
  /** `STAT_SIZE` bytes per entry, in the manifest's order. */
  readonly stats: Buffer;
  /** Of manifest, stats, path and versions. */
  readonly digest: Buffer;
}

/** Null when nothing is known of the path. */
export function readKnownTree(path: string, context: Pick<Context, "memory">): KnownTree | null {
  const sealed = readSealed(keyOf(path), context);
  if (sealed === null) return null;
  const { manifest, end } = parts(sealed.body);
  return { manifest, stats: sealed.body.subarray(end), digest: sealed.digest };
}

function keyOf(path: string): CacheKey {
  return { kind: `stat 1 ${MANIFEST_VERSION} guards/${GUARD_VERSION}`, path };
}

/** A cache that knows nothing and stores nothing. */
export const noStatCache: StatCache = {
  count: 0,
  manifest: null,
  find: (entries) => entries.map(() => null),
  save: () => null,
};

interface Memory {
  readonly count: number;
  /** `STAT_SIZE` characters per entry, in the manifest's order. */
  readonly stats: string;
  readonly manifest: Buffer;
}

/** The manifest's length in bytes as 64-bit number, the manifest, the stats. */
function encode(entries: readonly HashedEntry[]): Uint8Array[] {
  const sorted = [...entries].sort(byPath);
  const manifest = encodeManifest(sorted);
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(manifest.length));
  return [head, manifest, Buffer.from(sorted.map(({ stat }) => stat).join(""), "latin1")];
}

/** Needs no checks: what passed the checksum was written by `encode`. */
function parse(body: Buffer | null): Memory | null {
  if (body === null) return null;
  const { manifest, end } = parts(body);
  const stats = body.toString("latin1", end);
  return { count: stats.length / STAT_SIZE, stats, manifest };
}

function parts(body: Buffer): { readonly manifest: Buffer; readonly end: number } {
  const end = 8 + Number(body.readBigUInt64LE());
  return { manifest: body.subarray(8, end), end };
}

function find({ stats, manifest }: Memory, entries: readonly SnapshotEntry[]): (HashedEntry | null)[] {
  const cursor = new ManifestCursor(manifest);
  return entries.map(({ path, type, size, stat }) => {
    if (!cursor.seek(path, type) || !stats.startsWith(stat, cursor.index * STAT_SIZE)) return null;
    return { path, type, size, stat, digest: cursor.digest() };
  });
}
