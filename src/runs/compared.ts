import type { RunRecord } from "../core/run-record.ts";
import type { ComparedRun } from "./compare.ts";
import { findStoredJob } from "./specs.ts";
import { type RecordPlace, readRun, runIds } from "./stored-runs.ts";

/** A run with its jobs' `job.json`; a job that was skipped has none. */
export function comparedRun(record: RunRecord, directory: string): ComparedRun {
  const specs = record.jobs.flatMap(({ job }) => {
    const spec = findStoredJob(directory, job);
    return spec === null ? [] : [[job, spec] as const];
  });
  return { record, specs: new Map(specs) };
}

/** The newest finished run before this one of the same target (or, by name, of the same jobs); null when there is none. */
export function previousRun(place: RecordPlace, run: RunRecord): ComparedRun | null {
  const jobs = run.jobs.map(({ job }) => job).join("\n");
  const earlier = runIds(place.stateDir)
    .filter((id) => id < run.run_id)
    .reverse();
  for (const id of earlier) {
    const stored = readRun(place, id);
    if (!("record" in stored)) continue;
    const { record, directory } = stored;
    const sameJobs = record.target !== null || record.jobs.map(({ job }) => job).join("\n") === jobs;
    if (record.state === "finished" && record.target === run.target && sameJobs && record.jobs.length > 0)
      return comparedRun(record, directory);
  }
  return null;
}
