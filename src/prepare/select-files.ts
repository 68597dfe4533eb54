import { globMatcher } from "../globs.ts";
import { assemble } from "../manifest/assemble.ts";
import type { HashedSnapshot } from "../model.ts";

/** The part of a hashed snapshot that the globs (src/globs.ts) name, with its own content hash; no globs: all of it. */
export function selectFiles(hashed: HashedSnapshot, globs: readonly string[]): HashedSnapshot {
  if (globs.length === 0) return hashed;
  const matches = globMatcher(globs);
  return assemble(
    hashed.snapshot,
    hashed.entries.filter(({ path }) => matches(path) !== null),
  );
}
