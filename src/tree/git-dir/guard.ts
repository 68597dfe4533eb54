import type { Context } from "../../core/context.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { CONTENT_LIMIT, contentFindings } from "../guards/contents.ts";
import { refuseFindings } from "../guards/refuse.ts";
import { type Blob, contents } from "./objects.ts";
import type { GitState } from "./state.ts";

/** Applies the guards against secrets to versions of files that differ from the snapshot's. SnapshotRefused. */
export async function guardBlobs(
  blobs: readonly Blob[],
  sizes: ReadonlyMap<string, number>,
  state: GitState,
  { allow = [] }: Snapshot,
  context: Context,
): Promise<void> {
  const judged = blobs.filter(({ id }) => (sizes.get(id) ?? 0) <= CONTENT_LIMIT);
  if (judged.length === 0) return;
  const read = await contents(
    judged.map(({ id }) => id),
    state,
    context,
  );
  const findings = judged.flatMap(({ path, id }) => {
    const content = read.get(id);
    return content === undefined
      ? []
      : contentFindings(path, content).map(({ rule, line }) => ({ path, rule, line }));
  });
  const what = "the snapshot's guards refuse content in HEAD or the index, which `git: true` sends:";
  refuseFindings(findings, allow, what);
}
