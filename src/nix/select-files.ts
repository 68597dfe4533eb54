import type { HashedSnapshot } from "../core/snapshot.ts";
import { globMatcher } from "../tree/globs.ts";
import { assemble } from "../tree/manifest/assemble.ts";

/** What was selected of a snapshot: instances of one job all ask for the same part. */
const parts = new WeakMap<HashedSnapshot, Map<string, HashedSnapshot>>();

/** The part of a hashed snapshot that the globs (src/tree/globs.ts) name, with its own content hash; no globs: all of it. */
export function selectFiles(hashed: HashedSnapshot, globs: readonly string[]): HashedSnapshot {
  if (globs.length === 0) return hashed;
  const known = parts.get(hashed) ?? new Map<string, HashedSnapshot>();
  parts.set(hashed, known);
  const key = JSON.stringify(globs);
  const part = known.get(key) ?? selected(hashed, globs);
  known.set(key, part);
  return part;
}

function selected(hashed: HashedSnapshot, globs: readonly string[]): HashedSnapshot {
  const matches = globMatcher(globs);
  return assemble(
    hashed.snapshot,
    hashed.entries.filter(({ path }) => matches(path) !== null),
  );
}
