import type { Context } from "../core/context.ts";
import type { JobSpec } from "../core/job.ts";
import type { Prepared, UnbuiltOutput } from "../core/prepared.ts";
import { prepareKey } from "../nix/outputs.ts";
import { describeUnbuilt, unbuiltLog } from "../nix/unbuilt-words.ts";
import type { Recorder } from "../runs/recorder.ts";
import { closedJob, pendingJob } from "../runs/transitions.ts";

/**
 * Records the jobs that need an output whose builder failed as `failed`, with the builder's log as theirs, and returns the other
 * jobs. These failures have no key, so they are never remembered.
 */
export function failUnprepared<Job extends { readonly job: JobSpec }>(
  jobs: readonly Job[],
  prepared: Pick<Prepared, "unbuilt">,
  recorder: Pick<Recorder, "runId" | "job">,
  context: Pick<Context, "clock" | "emit">,
): readonly Job[] {
  return jobs.filter(({ job }) => {
    const missing = unbuiltOf(job, prepared);
    if (missing.length > 0) failJob(job, missing, recorder, context);
    return missing.length === 0;
  });
}

/** The outputs that a job needs and that are missing, by the job's names for them. */
function unbuiltOf(
  job: Pick<JobSpec, "prepare">,
  { unbuilt }: Pick<Prepared, "unbuilt">,
): readonly UnbuiltOutput[] {
  return Object.values(job.prepare).flatMap((spec) => unbuilt.get(prepareKey(spec)) ?? []);
}

function failJob(
  { name }: JobSpec,
  missing: readonly UnbuiltOutput[],
  recorder: Pick<Recorder, "runId" | "job">,
  { clock, emit }: Pick<Context, "clock" | "emit">,
): void {
  for (const output of missing) emit({ type: "job-log", job: name, data: unbuiltLog(output) });
  const message = missing.map(describeUnbuilt).join("; ");
  const record = closedJob(pendingJob(name), recorder.runId, { status: "failed", message, at: clock() });
  recorder.job(record);
  if (record.result !== null) emit({ type: "job-finished", job: name, result: record.result });
}
