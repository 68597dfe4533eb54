import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  CancelledError,
  ConfigError,
  InfraError,
  MismatchError,
  SnapshotRefused,
  TimeoutError,
  TrustError,
  UsageError,
} from "../../src/core/errors.ts";
import { parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { Status } from "../../src/core/job-result.ts";
import { closedJob, pendingJob } from "../../src/runs/transitions.ts";
import { verdictOfError, verdictOfJobs } from "../../src/runs/verdict.ts";

const test = suite("verdict");

function result(status: Status) {
  const runId = parseRunId("20260101T000000Z-00000000");
  return closedJob(pendingJob(parseJobName("j")), runId, { status, message: "", at: new Date(0) }).result;
}

const jobs: readonly (readonly [readonly (Status | null)[], Status, number])[] = [
  [["passed"], "passed", 0],
  [["passed", "cached", "skipped"], "passed", 0],
  [["passed", "flaky", "cached"], "flaky", 0],
  [["flaky", "failed"], "failed", 1],
  [["flaky", "cancelled"], "cancelled", 143],
  [["cached", "skipped"], "cached", 0],
  [["skipped"], "skipped", 0],
  [["passed", "failed"], "failed", 1],
  [["failed", "timeout", "passed"], "timeout", 124],
  [["timeout", "infra", "failed"], "infra", 3],
  [["infra", "cancelled"], "cancelled", 143],
  [["passed", null], "infra", 3],
  [[], "infra", 3],
];
for (const [statuses, status, exitCode] of jobs) {
  test(`${JSON.stringify(statuses)} is ${status}, exit ${exitCode}`, () => {
    const results = statuses.map((one) => (one === null ? null : result(one)));
    assert.equal(verdictOfJobs(results, 143), { status, exitCode });
  });
}

for (const [statuses, exitCode] of [
  [["flaky", "passed"], 1],
  [["passed", "cached"], 0],
  [["flaky", "timeout"], 124],
  [["flaky", "infra"], 3],
] as const)
  test(`${statuses} with --fail-on-flaky exits ${exitCode}`, () => {
    assert.is(verdictOfJobs(statuses.map(result), 130, "fail").exitCode, exitCode);
  });

const errors: readonly (readonly [unknown, Status, number])[] = [
  [new UsageError("x"), "infra", 2],
  [new ConfigError("x"), "infra", 2],
  [new InfraError("host", "x"), "infra", 3],
  [new MismatchError("x"), "infra", 3],
  [new TrustError("x"), "infra", 4],
  [new SnapshotRefused("x"), "infra", 5],
  [new TimeoutError("x"), "timeout", 124],
  [new CancelledError("SIGINT"), "cancelled", 130],
  [new CancelledError("SIGTERM"), "cancelled", 143],
  [new TypeError("a fault of ours"), "infra", 3],
];
for (const [error, status, exitCode] of errors) {
  test(`${String(error)} is ${status}, exit ${exitCode}`, () => {
    assert.equal(verdictOfError(error), { status, exitCode });
  });
}

test.run();
