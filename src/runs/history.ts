import { readRun, runIds } from "./stored-runs.ts";

const RUNS = 5;

/** How long jobs took, in milliseconds, when they last passed in one of the workspace's latest runs. */
export function recentDurations(stateDir: string): ReadonlyMap<string, number> {
  const jobs = runIds(stateDir)
    .slice(-RUNS)
    .flatMap((runId) => {
      const run = readRun(stateDir, runId);
      return "record" in run ? run.record.jobs : [];
    });
  return new Map(
    jobs.flatMap(({ job, result }) =>
      result?.status === "passed" && result.duration_ms !== null ? [[job, result.duration_ms] as const] : [],
    ),
  );
}
