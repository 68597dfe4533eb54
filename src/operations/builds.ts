import type { Context } from "../core/context.ts";
import type { JobSpec } from "../core/job.ts";
import type { Prepared } from "../core/prepared.ts";
import { prepareKey } from "../nix/outputs.ts";
import { storePathsOf } from "../nix/prepare.ts";
import type { CacheMode } from "../runs/cached-jobs.ts";
import type { Recorder } from "../runs/recorder.ts";
import { closedJob, pendingJob } from "../runs/transitions.ts";

/** Whether a job passes when its outputs build, so that no guest is started for it. */
export function isBuild({ builds }: Pick<JobSpec, "builds">): boolean {
  return builds === true;
}

/**
 * Records jobs that only build and whose outputs are there: `passed`, or `cached` where the host had all outputs and verdicts are
 * used. Only the host remembers them, by the records of its outputs.
 */
export function passBuilds(
  builds: readonly { readonly job: JobSpec }[],
  prepared: Prepared,
  mode: CacheMode,
  recorder: Pick<Recorder, "runId" | "job">,
  { clock, emit }: Pick<Context, "clock" | "emit">,
): void {
  for (const { job } of builds) {
    const paths = storePathsOf(prepared, job);
    const outcomes = Object.values(job.prepare).map(
      (spec) => prepared.outputs.get(prepareKey(spec))?.outcome,
    );
    const known = mode === "use" && outcomes.every((outcome) => outcome === "reused");
    const message = `${known ? "was built before" : "builds"}: ${Object.values(paths).join(", ")}`;
    const status = known ? "cached" : "passed";
    const closed = closedJob(pendingJob(job.name), recorder.runId, { status, message, at: clock() });
    recorder.job({ ...closed, prepared: paths });
    if (closed.result !== null) emit({ type: "job-finished", job: job.name, result: closed.result });
  }
}
