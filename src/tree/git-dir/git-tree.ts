import type { Context } from "../../core/context.ts";
import type { HashedEntry, HashedSnapshot, SnapshotEntry } from "../../core/snapshot.ts";
import { hashTree } from "../hashing/hash-tree.ts";
import { assemble } from "../manifest/assemble.ts";
import { byPath } from "../manifest/manifest.ts";
import { walkCandidates } from "../walk-candidates.ts";

/** A tree together with the `.git` that lies in `directory`: the snapshot of jobs with `git: true`. SnapshotRefused. */
export async function withGitDirectory(
  hashed: HashedSnapshot,
  directory: string,
  context: Context,
): Promise<HashedSnapshot> {
  const { found } = await walkCandidates(directory, () => null, context);
  const entries = found
    .flatMap(({ path, type, size, stat }): SnapshotEntry[] =>
      type === "special" ? [] : [{ path, type, size, stat }],
    )
    .sort(byPath);
  const read = await hashTree({ root: directory, about: directory }, entries, context, { cache: "none" });
  const all = [...hashed.entries, ...read.entries.map(unguarded)].sort(byPath);
  return assemble({ ...hashed.snapshot, gitDirectory: directory }, all);
}

/** What is in it was judged as the files that it is of. */
function unguarded({ findings: _, ...entry }: HashedEntry): HashedEntry {
  return entry;
}
