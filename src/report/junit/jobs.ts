import type { Status } from "../../core/job-result.ts";
import type { JobRecord, RunRecord } from "../../core/run-record.ts";
import { errorLines } from "../format.ts";
import { type TestCase, type TestOutcome, type TestSuite, testCase } from "./suite.ts";

const OUTCOMES: Readonly<Record<Status, TestOutcome>> = {
  passed: "passed",
  cached: "passed",
  flaky: "passed",
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
    return testCase(record.job, {
      classname: "pikaci",
      seconds: record.result?.duration_ms == null ? null : record.result.duration_ms / 1000,
      outcome,
      message: outcome === "passed" ? "" : (record.result?.message ?? record.state),
      text: outcome === "failed" || outcome === "error" ? logEnd(record) : "",
    });
  });
  return { name: "pikaci", properties: [], cases: error === null ? cases : [...cases, runCase(error)] };
}

/** What ended a run, or took a job's verdict away. */
function runCase(error: NonNullable<RunRecord["error"]>): TestCase {
  return testCase("run", {
    classname: "pikaci",
    outcome: "error",
    message: error.kind,
    text: errorLines(error).join("\n"),
  });
}
