import type { HostSpec } from "../core/project.ts";
import type { RunRecord } from "../core/run-record.ts";
import type { EarlierSnapshot } from "../publish/earlier-snapshot.ts";

/** What a record says of its snapshot, to be taken again. */
export function earlierSnapshot(
  { content_hash: contentHash, source, git }: NonNullable<RunRecord["snapshot"]>,
  origin: HostSpec,
): EarlierSnapshot {
  const ofGit = git === undefined ? {} : { git: { contentHash: git.content_hash, key: git.key } };
  return { contentHash, source, origin, ...ofGit };
}
