import { CHECK_PREFIX } from "../../config/check-prefix.ts";
import type { JobName } from "../../core/ids.ts";
import type { JobSpec } from "../../core/job.ts";
import type { Status } from "../../core/job-result.ts";
import { isPass } from "../../core/passes.ts";
import type { JobRecord } from "../../core/run-record.ts";

/** How a job of a run ended. */
export interface Standing {
  readonly status: Status;
  /** What it left, as its host keeps it; null when it was kept for none. */
  readonly artifacts: string | null;
}

/** How the jobs of a run did that have ended. */
export type Standings = ReadonlyMap<JobName, Standing>;

/** Of the jobs that have a result. */
export function standingsOf(jobs: readonly Pick<JobRecord, "job" | "result">[]): Standings {
  return new Map(
    jobs.flatMap(({ job, result }) =>
      result === null
        ? []
        : [[job, { status: result.status, artifacts: result.artifacts_digest ?? null }] as const],
    ),
  );
}

/**
 * Digests of what a job's needs left, by their names; null as long as one of them has not passed, or where it is not known what
 * it left. A check only builds, and leaves nothing.
 */
export function needsOf(
  { needs = [] }: Pick<JobSpec, "needs">,
  standings: Standings,
): Readonly<Record<string, string>> | null {
  const found: [string, string][] = [];
  for (const need of needs) {
    const standing = standings.get(need);
    if (standing === undefined || !isPass(standing.status)) return null;
    if (need.startsWith(CHECK_PREFIX)) continue;
    if (standing.artifacts === null) return null;
    found.push([need, standing.artifacts]);
  }
  return Object.fromEntries(found);
}
