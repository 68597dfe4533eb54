import { CancelledError, PikaciError } from "../core/errors.ts";
import type { JobResult, Status } from "../core/job-result.ts";

export interface Verdict {
  readonly status: Status;
  readonly exitCode: number;
}

/** From best to worst; the worse a verdict, the less it says about the tree. docs/exit-codes.md */
const ORDER: readonly Status[] = [
  "skipped",
  "cached",
  "passed",
  "flaky",
  "failed",
  "timeout",
  "infra",
  "cancelled",
];

const CODES: Readonly<Record<Exclude<Status, "cancelled">, number>> = {
  skipped: 0,
  cached: 0,
  passed: 0,
  flaky: 0,
  failed: 1,
  timeout: 124,
  infra: 3,
};

/** The exit code of a run that is `flaky`: 0, or 1 (`--fail-on-flaky`). */
export type OnFlaky = "pass" | "fail";

/** The run's verdict from its jobs' results; a missing result is `infra`, never a pass. `cancelCode` is 130 or 143. */
export function verdictOfJobs(
  results: readonly (JobResult | null)[],
  cancelCode: number,
  onFlaky: OnFlaky = "pass",
): Verdict {
  const statuses =
    results.length === 0 ? ["infra" as const] : results.map((result) => result?.status ?? "infra");
  const status = statuses.reduce<Status>(
    (worst, next) => (rank(next) > rank(worst) ? next : worst),
    "skipped",
  );
  return { status, exitCode: exitCodeOf(status, cancelCode, onFlaky) };
}

function exitCodeOf(status: Status, cancelCode: number, onFlaky: OnFlaky): number {
  if (status === "cancelled") return cancelCode;
  return status === "flaky" && onFlaky === "fail" ? CODES.failed : CODES[status];
}

/** The verdict of a run that ended with an error, whatever its jobs' verdicts are. */
export function verdictOfError(error: unknown): Verdict {
  return {
    status: statusOfError(error),
    exitCode: error instanceof PikaciError ? error.exitCode : CODES.infra,
  };
}

function statusOfError(error: unknown): Status {
  if (error instanceof CancelledError) return "cancelled";
  return error instanceof PikaciError && error.kind === "timeout" ? "timeout" : "infra";
}

function rank(status: Status): number {
  return ORDER.indexOf(status);
}
