import { UsageError } from "../core/errors.ts";
import type { JobSpec } from "../core/job.ts";

/** UsageError when a job needs others: this client begins each when its needs have passed, and a detached run has none. */
export function checkDetach(jobs: readonly Pick<JobSpec, "name" | "needs">[]): void {
  const needy = jobs.filter(({ needs = [] }) => needs.length > 0).map(({ name }) => name);
  if (needy.length === 0) return;
  throw new UsageError(
    `--detach: ${needy.join(", ")} must wait for other jobs, and nobody would begin them`,
    {
      hint: "leave `--detach` out, or name jobs that need no others with `--job`",
    },
  );
}
