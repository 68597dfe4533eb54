import type { Context } from "../../core/context.ts";
import type { HashedEntry, HashedSnapshot, SnapshotEntry } from "../../core/snapshot.ts";
import { hashTree } from "../hashing/hash-tree.ts";
import { assemble } from "../manifest/assemble.ts";
import { byPath } from "../manifest/manifest.ts";
import { walkCandidates } from "../walk-candidates.ts";

/** A tree together with the `.git` in `directory`: the snapshot for jobs with `git: true`. SnapshotRefused. */
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

/** Without findings: the guards have already checked the files that the repository contains. */
function unguarded({ findings: _, ...entry }: HashedEntry): HashedEntry {
  return entry;
}
