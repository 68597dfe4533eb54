import { createHash } from "node:crypto";
import type { BytePath } from "../core/byte-path.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import { b3sums, digestLines } from "../tree/manifest/b3sums.ts";
import { ManifestView } from "../tree/manifest/view.ts";
import { expectedListing, listingParts } from "./tree-listing.ts";
import { readVerified } from "./verified.ts";

/**
 * What the published directory must contain; each part is computed when it is first asked for, and from the manifest, so that the
 * entries of a large tree of which little is sent are never made.
 */
export class ExpectedTree {
  readonly hashed: HashedSnapshot;
  readonly manifest: ManifestView;
  #b3sums: { readonly bytes: Buffer; readonly leftOut: number } | null = null;
  #listing: readonly string[] | null = null;

  constructor(hashed: HashedSnapshot) {
    this.hashed = hashed;
    this.manifest = new ManifestView(hashed.manifest);
  }

  b3sums(): { readonly bytes: Buffer; readonly leftOut: number } {
    this.#b3sums ??= b3sums(this.hashed.manifest);
    return this.#b3sums;
  }

  /** Throws SnapshotRefused when a symlink changed since it was hashed. */
  listing(): readonly string[] {
    this.#listing ??= expectedListing([...this.manifest.heads()], ({ path }) => this.#targetOf(path));
    return this.#listing;
  }

  /** What `tree_wrong` on the host compares with: SHA-256 of the listing, the manifest, B3SUMS and the digests. */
  sums(): string {
    const listing = listingParts(this.manifest.heads(), ({ path }) => this.#targetOf(path));
    const sums = [listing, [this.hashed.manifest], [this.b3sums().bytes]].map(sha256);
    const digests = createHash("sha256");
    digestLines(this.hashed.manifest, (lines) => digests.update(lines));
    return [...sums, digests.digest("hex")].join(" ");
  }

  #targetOf(path: BytePath): string {
    const symlink = this.manifest.entry(this.manifest.find(path));
    return Buffer.concat([...readVerified(workspaceOf(this.hashed.snapshot), symlink)]).toString("latin1");
  }
}

function sha256(parts: Iterable<Buffer>): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
