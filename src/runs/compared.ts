import { UsageError } from "../core/errors.ts";
import type { RunRecord } from "../core/run-record.ts";
import type { ComparedRun } from "./compare.ts";
import { findStoredJob } from "./specs.ts";
import { listRuns, type RecordPlace, readRun, runIds } from "./stored-runs.ts";

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

/** The newest finished run that has an earlier one of the same target, and that one. UsageError when there are no two. */
export function latestTwo(place: RecordPlace): { readonly before: ComparedRun; readonly after: ComparedRun } {
  for (const stored of listRuns(place)) {
    if (!("record" in stored) || stored.record.state !== "finished") continue;
    const before = stored.record.jobs.length === 0 ? null : previousRun(place, stored.record);
    if (before !== null) return { before, after: comparedRun(stored.record, stored.directory) };
  }
  throw new UsageError("this workspace has no two finished runs of the same target", {
    hint: "`pikaci list` shows the runs: `pikaci compare BEFORE AFTER` takes any two",
  });
}
