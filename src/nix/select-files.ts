import type { HashedSnapshot } from "../core/snapshot.ts";
import { globMatcher } from "../tree/globs.ts";
import { assemble } from "../tree/manifest/assemble.ts";

/** The part of a hashed snapshot that the globs (src/tree/globs.ts) name, with its own content hash; no globs: all of it. */
export function selectFiles(hashed: HashedSnapshot, globs: readonly string[]): HashedSnapshot {
  if (globs.length === 0) return hashed;
  const matches = globMatcher(globs);
  return assemble(
    hashed.snapshot,
    hashed.entries.filter(({ path }) => matches(path) !== null),
  );
}
