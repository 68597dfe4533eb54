import type { JobResult, Status } from "../../core/job-result.ts";
import { isPass } from "../../core/passes.ts";
import type { JobRecord, RunRecord } from "../../core/run-record.ts";
import {
  type TestCase,
  type TestOutcome,
  type TestRerun,
  type TestSuite,
  testCase,
} from "../../runs/reports/suite.ts";
import { errorLines } from "../format.ts";

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
      reruns: rerunsOf(record.result),
      text: outcome === "failed" || outcome === "error" ? logEnd(record) : "",
    });
  });
  return { name: "pikaci", properties: [], cases: error === null ? cases : [...cases, runCase(error)] };
}

/** The attempts that went wrong; of a job that did not pass, without the last one, which is its outcome. */
function rerunsOf(result: JobResult | null): TestRerun[] {
  if (result === null) return [];
  const { status, message, attempts = [] } = result;
  const wrong = attempts
    .filter((_, index) => isPass(status) || index < attempts.length - 1)
    .map((attempt) => ({ attempt, outcome: OUTCOMES[attempt.status] }))
    .flatMap(({ attempt, outcome }) =>
      outcome === "failed" || outcome === "error" ? [{ outcome, message: attempt.message, text: "" }] : [],
    );
  // A failure that does not count, because its tests are in quarantine.
  const excused: TestRerun[] =
    status === "flaky" && attempts.length === 0 ? [{ outcome: "failed", message, text: "" }] : [];
  return [...wrong, ...excused];
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
