import { type RecordPlace, readRun, runIds } from "./stored-runs.ts";

const RUNS = 5;

/** How long each job took, in milliseconds, when it last passed in one of the workspace's latest runs. */
export function recentDurations(place: RecordPlace): ReadonlyMap<string, number> {
  const jobs = runIds(place.stateDir)
    .slice(-RUNS)
    .flatMap((runId) => {
      const run = readRun(place, runId);
      return "record" in run ? run.record.jobs : [];
    });
  return new Map(
    jobs.flatMap(({ job, result }) =>
      result?.status === "passed" && result.duration_ms !== null ? [[job, result.duration_ms] as const] : [],
    ),
  );
}
