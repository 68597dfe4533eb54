import type { JobRecord, RunRecord } from "../core/run-record.ts";
import { mergedJobs } from "../runs/merge-shards.ts";

/**
 * A run's jobs for a summary, the shards of each as one, that shows the run's error, too: what that error says is not repeated
 * for every job it ended.
 */
export function summaryJobs({ jobs, error }: Pick<RunRecord, "jobs" | "error">): readonly JobRecord[] {
  if (error === null) return mergedJobs(jobs).map(({ record }) => record);
  const shown = (job: JobRecord) =>
    job.result?.message === `did not finish: ${error.message}`
      ? { ...job, result: { ...job.result, message: "did not finish" } }
      : job;
  return mergedJobs(jobs.map(shown)).map(({ record }) => record);
}
