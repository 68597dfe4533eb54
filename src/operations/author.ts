import type { Author } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { JobSpec } from "../core/job.ts";

/** Jobs of an earlier run, as a tree of that author may have them again. UsageError where that run took it for another's. */
export function checkAuthor(jobs: readonly Pick<JobSpec, "name" | "author">[], author: Author): void {
  const other = jobs.find((job) => (job.author ?? "trusted") !== author);
  if (other === undefined) return;
  throw author === "trusted"
    ? new UsageError(`job ${other.name} ran for an untrusted tree`, { hint: "add `--untrusted`" })
    : new UsageError(`job ${other.name} ran for a trusted tree, with what that may have`, {
        hint: "`pikaci run --untrusted` takes the tree as it is now",
      });
}
