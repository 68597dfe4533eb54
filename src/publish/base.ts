import type { ContentHash } from "../core/ids.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { type Difference, differenceTo, wholeBytes } from "./difference.ts";

/** The published snapshot to start from; its difference is null when its manifest has to be fetched first. */
export interface Base {
  readonly hash: ContentHash;
  readonly difference: Difference | null;
}

/** How many manifests are compared: each costs some 50 ms for 100,000 files. */
const LOOK_AT = 4;
/** Shares of the whole tree. With less to send than `CLOSE`, the search ends; with more than `FAR`, the newest is fetched. */
const CLOSE = 0.02;
const FAR = 0.3;

/** The closest of the host's snapshots, which come newest first; `manifestOf` gives what this workspace remembers. */
export function chooseBase(
  published: readonly ContentHash[],
  manifestOf: (hash: ContentHash) => Buffer | null,
  hashed: HashedSnapshot,
): Base | null {
  const others = published.filter((hash) => hash !== hashed.contentHash);
  const newest = others[0];
  if (newest === undefined) return null;
  const whole = wholeBytes(hashed);
  const best = closest(others, manifestOf, hashed, whole * CLOSE);
  if (best === null) return { hash: newest, difference: null };
  if (best.difference.bytes <= whole * FAR || best.hash === newest) return best;
  return manifestOf(newest) === null ? { hash: newest, difference: null } : best;
}

function closest(
  published: readonly ContentHash[],
  manifestOf: (hash: ContentHash) => Buffer | null,
  hashed: HashedSnapshot,
  enough: number,
): (Base & { readonly difference: Difference }) | null {
  let best: (Base & { readonly difference: Difference }) | null = null;
  let seen = 0;
  for (const hash of published) {
    const manifest = manifestOf(hash);
    if (manifest === null) continue;
    const difference = differenceTo(manifest, hashed);
    if (best === null || difference.bytes < best.difference.bytes) best = { hash, difference };
    seen += 1;
    if (seen === LOOK_AT || best.difference.bytes <= enough) break;
  }
  return best;
}
