import { SnapshotRefused } from "../errors.ts";
import type { HashedEntry, SnapshotEntry } from "../model.ts";
import { DIGEST_SIZE } from "./blake3.ts";

/** To a hash worker: one batch. */
export interface HashRequest {
  readonly root: string;
  readonly entries: readonly SnapshotEntry[];
  readonly keepModes: boolean;
}

/** From a hash worker: digests in the order of the batch, and the entries that are more, or no longer, what was sent. */
export type HashReply =
  | {
      readonly kind: "hashed";
      readonly digests: Uint8Array;
      readonly changed: ReadonlyMap<number, HashedEntry | null>;
    }
  | { readonly kind: "refused"; readonly message: string; readonly hint: string | undefined };

export function packReply(
  entries: readonly SnapshotEntry[],
  hashed: readonly (HashedEntry | null)[],
): HashReply {
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
  const digests = Buffer.from(reply.digests.buffer, reply.digests.byteOffset, reply.digests.byteLength);
  return entries.map((entry, index) => {
    const changed = reply.changed.get(index);
    if (changed !== undefined) return changed;
    const start = index * DIGEST_SIZE;
    return { ...entry, digest: digests.toString("hex", start, start + DIGEST_SIZE) };
  });
}
