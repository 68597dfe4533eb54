import type { JobRecord, RunRecord, Status } from "../../model.ts";
import type { TestCase, TestOutcome, TestSuite } from "./suite.ts";

const OUTCOMES: Readonly<Record<Status, TestOutcome>> = {
  passed: "passed",
  cached: "passed",
  skipped: "skipped",
  failed: "failed",
  timeout: "error",
  infra: "error",
  cancelled: "error",
};

/** A run's jobs as tests; `logEnd` gives the end of a job's log. */
export function suiteOfJobs({ jobs, error }: RunRecord, logEnd: (job: JobRecord) => string): TestSuite {
  const cases = jobs.map((record): TestCase => {
    const outcome = record.result === null ? "error" : OUTCOMES[record.result.status];
    return {
      name: record.job,
      classname: "pikaci",
      seconds: record.result?.duration_ms == null ? null : record.result.duration_ms / 1000,
      outcome,
      message: outcome === "passed" ? "" : (record.result?.message ?? record.state),
      text: outcome === "failed" || outcome === "error" ? logEnd(record) : "",
    };
  });
  return { name: "pikaci", cases: error === null || jobs.length > 0 ? cases : [runCase(error)] };
}

/** A run that ended before it had jobs. */
function runCase({ kind, message, hint }: NonNullable<RunRecord["error"]>): TestCase {
  const text = hint === null ? message : `${message}\nhint: ${hint}`;
  return { name: "run", classname: "pikaci", seconds: null, outcome: "error", message: kind, text };
}
