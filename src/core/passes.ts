import type { Status } from "./job-result.ts";

/** Whether a verdict counts as a pass, be it an earlier run's or a later attempt's. */
export function isPass(status: Status | null | undefined): boolean {
  return status === "passed" || status === "cached" || status === "flaky";
}

/** Whether a verdict is nobody's worry: a pass, or a job that was not to run. */
export function isGood(status: Status | null | undefined): boolean {
  return isPass(status) || status === "skipped";
}
