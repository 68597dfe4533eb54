import { toPath } from "../../core/byte-path.ts";
import { SnapshotRefused } from "../../core/errors.ts";
import type { EntryType, HashedEntry, SnapshotEntry } from "../../core/snapshot.ts";
import { DIGEST_SIZE } from "../../system/blake3.ts";
import { STAT_SIZE } from "../../system/file-stat.ts";
import { hashFiles, type Place } from "./hash-files.ts";

/** A message to a hash worker: one batch, packed into a few strings and arrays, which are sent much faster than many objects. */
export interface HashRequest extends Place {
  /** NUL between them. */
  readonly paths: string;
  /** One letter per entry. */
  readonly types: string;
  readonly sizes: Float64Array;
  /** `STAT_SIZE` characters per entry. */
  readonly stats: string;
}

const letters: Readonly<Record<EntryType, string>> = {
  file: "f",
  executable: "x",
  symlink: "l",
  directory: "d",
};
const types = new Map(
  (["file", "executable", "symlink", "directory"] as const).map((type) => [letters[type], type] as const),
);

/** The message that asks for the hashes of these entries, in their order. */
export function packRequest(place: Place, entries: readonly SnapshotEntry[]): HashRequest {
  return {
    ...place,
    paths: entries.map(({ path }) => path).join("\0"),
    types: entries.map(({ type }) => letters[type]).join(""),
    sizes: Float64Array.from(entries, ({ size }) => size),
    stats: entries.map(({ stat }) => stat).join(""),
  };
}

function unpackRequest({ paths, types: kinds, sizes, stats }: HashRequest): SnapshotEntry[] {
  return paths.split("\0").map((path, index) => ({
    path: toPath(path),
    type: types.get(kinds[index] ?? "") ?? "file",
    size: sizes[index] ?? 0,
    stat: stats.slice(index * STAT_SIZE, (index + 1) * STAT_SIZE),
  }));
}

/** A hash worker's answer: digests in the order of the batch, and the entries that changed or have findings. */
export type HashReply =
  | {
      readonly kind: "hashed";
      readonly digests: Uint8Array;
      readonly changed: ReadonlyMap<number, HashedEntry | null>;
    }
  | { readonly kind: "refused"; readonly message: string; readonly hint: string | undefined };

/** The worker's answer. Errors lose their class between threads, so the expected one is sent as data. */
export function answer(request: HashRequest): HashReply {
  try {
    const entries = unpackRequest(request);
    return packReply(entries, hashFiles(request, entries));
  } catch (error) {
    if (!(error instanceof SnapshotRefused)) throw error;
    return { kind: "refused", message: error.message, hint: error.hint };
  }
}

function packReply(entries: readonly SnapshotEntry[], hashed: readonly (HashedEntry | null)[]): HashReply {
  const digests = Buffer.from(new ArrayBuffer(entries.length * DIGEST_SIZE));
  const changed = new Map<number, HashedEntry | null>();
  hashed.forEach((entry, index) => {
    const plain = entry !== null && entry.findings === undefined && entry.stat === entries[index]?.stat;
    if (!plain) changed.set(index, entry);
    if (entry !== null) digests.write(entry.digest, index * DIGEST_SIZE, "hex");
  });
  return { kind: "hashed", digests, changed };
}

/** Throws the SnapshotRefused that the worker met. */
export function unpackReply(entries: readonly SnapshotEntry[], reply: HashReply): (HashedEntry | null)[] {
  if (reply.kind === "refused")
    throw new SnapshotRefused(reply.message, reply.hint === undefined ? {} : { hint: reply.hint });
  const { buffer, byteOffset, byteLength } = reply.digests;
  const hex = Buffer.from(buffer, byteOffset, byteLength).toString("hex");
  return entries.map((entry, index) => {
    const changed = reply.changed.get(index);
    if (changed !== undefined) return changed;
    const start = index * DIGEST_SIZE * 2;
    const { path, type, size, stat } = entry;
    return { path, type, size, stat, digest: hex.slice(start, start + DIGEST_SIZE * 2) };
  });
}
