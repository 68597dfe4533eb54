import type { Author } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { JobSpec } from "../core/job.ts";

/** Jobs of an earlier run, as this author's tree may run them again. UsageError when that run was for another kind of author. */
export function checkAuthor(jobs: readonly Pick<JobSpec, "name" | "author">[], author: Author): void {
  const other = jobs.find((job) => (job.author ?? "trusted") !== author);
  if (other === undefined) return;
  throw author === "trusted"
    ? new UsageError(`job ${other.name} ran for an untrusted tree`, { hint: "add `--untrusted`" })
    : new UsageError(`job ${other.name} ran for a trusted tree, with what that may have`, {
        hint: "`pikaci run --untrusted` takes the tree as it is now",
      });
}
