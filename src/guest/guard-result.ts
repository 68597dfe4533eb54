import { InfraError } from "../core/errors.ts";
import type { JobName, RunId } from "../core/ids.ts";
import { guardResultSchema, type JobResult } from "../core/job-result.ts";

/** The job of a run that a host is asked about. */
export interface AskedJob {
  readonly runId: RunId;
  readonly job: JobName;
}

/** A guard's `result.json`, checked; InfraError("host") for anything else, another job's result included: never a pass. */
export function parseResult(body: Buffer, { runId, job }: AskedJob): JobResult {
  const result = parse(body);
  if (result.run_id === runId && result.job === job) return result;
  throw new InfraError(
    "host",
    `the host answered for job ${result.job} of run ${result.run_id}, not for ${job} of ${runId}`,
    { hint: "look into the run's directory in the work dir there: somebody changed it" },
  );
}

function parse(body: Buffer): JobResult {
  try {
    return guardResultSchema.parse(JSON.parse(body.toString("utf8")));
  } catch (cause) {
    throw new InfraError("host", "the guard's result cannot be read", { cause });
  }
}
