import { createHash } from "node:crypto";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import { b3sums } from "../tree/manifest/b3sums.ts";
import { expectedListing, listingBytes } from "./tree-listing.ts";
import { readVerified } from "./verified.ts";

/** What the published directory must contain; each part is computed when it is first asked for. */
export class ExpectedTree {
  readonly hashed: HashedSnapshot;
  #b3sums: { readonly bytes: Buffer; readonly leftOut: number } | null = null;
  #listing: readonly string[] | null = null;

  constructor(hashed: HashedSnapshot) {
    this.hashed = hashed;
  }

  b3sums(): { readonly bytes: Buffer; readonly leftOut: number } {
    if (this.#b3sums === null) {
      const { text, leftOut } = b3sums(this.hashed.entries);
      this.#b3sums = { bytes: Buffer.from(text), leftOut };
    }
    return this.#b3sums;
  }

  /** Throws SnapshotRefused when a symlink changed since it was hashed. */
  listing(): readonly string[] {
    this.#listing ??= listingOf(this.hashed);
    return this.#listing;
  }

  /** BLAKE3 of each regular file, in byte order of their paths. */
  digests(): readonly string[] {
    const files = this.hashed.entries.filter(({ type }) => type === "file" || type === "executable");
    return files.map(({ digest }) => digest);
  }

  /** What `tree_wrong` on the host compares with: SHA-256 of the listing, the manifest, B3SUMS and the digests. */
  sums(): string {
    const digests = this.digests().map((digest) => `${digest}\n`);
    const parts = [listingBytes(this.listing()), this.hashed.manifest, this.b3sums().bytes, digests.join("")];
    return parts.map((part) => createHash("sha256").update(part).digest("hex")).join(" ");
  }
}

function listingOf({ snapshot, entries }: HashedSnapshot): readonly string[] {
  const targets = new Map<string, string>();
  for (const entry of entries)
    if (entry.type === "symlink")
      for (const target of readVerified(workspaceOf(snapshot), entry))
        targets.set(entry.path, target.toString("latin1"));
  return expectedListing(entries, ({ path }) => targets.get(path) ?? "");
}
