import { MOST_RETRIES } from "../../../core/job.ts";
import type { GitlabJob } from "./schema.ts";

/** Reasons to try again that are the job's own, as `retries` has them. */
const OWN = ["always", "unknown_failure", "script_failure", "job_execution_timeout"];

interface Retries {
  readonly keys: { readonly retries?: number };
  readonly notes: readonly string[];
}

/** `retry` as `retries`, which is for every failure of the job, and for none of the host. */
export function retriesOf({ retry }: GitlabJob): Retries {
  if (retry === undefined || retry.max <= 0) return { keys: {}, notes: [] };
  const { max, when, exit_codes: codes } = retry;
  if (!when.some((reason) => OWN.includes(reason)) && codes === undefined)
    return { keys: {}, notes: [`retry after ${when.join(", ")} is not taken: that is no verdict here`] };
  const only = codes === undefined && when.some((reason) => ["always", "script_failure"].includes(reason));
  return {
    keys: { retries: Math.min(max, MOST_RETRIES) },
    notes: only ? [] : ["retry is for some failures there, and for each one here"],
  };
}
