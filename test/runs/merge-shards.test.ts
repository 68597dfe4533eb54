import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { JobResult, Status } from "../../src/core/job-result.ts";
import type { JobRecord } from "../../src/core/run-record.ts";
import { isMeantBy, shardOf } from "../../src/core/shards.ts";
import { mergedJobs, shownName } from "../../src/runs/merge-shards.ts";
import { closedJob, pendingJob } from "../../src/runs/transitions.ts";

const test = suite("shards as one job");
const runId = parseRunId("20260101T000000Z-0123abcd");

function job(name: string, status: Status | null, more: Partial<JobResult> = {}): JobRecord {
  const pending = pendingJob(parseJobName(name));
  if (status === null) return { ...pending, state: "finished" };
  const closed = closedJob(pending, runId, { status, message: status, at: new Date(10_000) });
  return closed.result === null ? closed : { ...closed, result: { ...closed.result, ...more } };
}

const statusesOf = (statuses: readonly (Status | null)[]) =>
  statuses.map((status, index) => job(`unit (${index + 1} of ${statuses.length})`, status));

/** The shards' verdicts, and the merged one with its message. */
const merged: readonly (readonly [shards: readonly (Status | null)[], status: Status, message: string])[] = [
  [["passed", "passed"], "passed", "2 shards"],
  [["passed"], "passed", "1 shard"],
  [["cached", "cached", "cached"], "cached", "3 shards"],
  [["cached", "passed", "cached"], "passed", "3 shards, 2 cached"],
  [["passed", "failed", "passed"], "failed", "1 of 3 shards: 2: failed"],
  [
    ["failed", "failed", "failed", "failed", "failed"],
    "failed",
    "5 of 5 shards: 1: failed; 2: failed; 3: failed; 2 more",
  ],
  [["failed", "timeout"], "timeout", "1 of 2 shards: 2: timeout"],
  [["passed", "flaky"], "flaky", "1 of 2 shards: 2: flaky"],
  [["passed", "infra"], "infra", "1 of 2 shards: 2: infra"],
  [["failed", "cancelled"], "cancelled", "1 of 2 shards: 2: cancelled"],
  [["skipped", "skipped"], "skipped", "2 of 2 shards: 1: skipped; 2: skipped"],
];

for (const [shards, status, message] of merged)
  test(`${shards.join(", ")}: ${status}`, () => {
    const [only, ...others] = mergedJobs(statusesOf(shards));
    assert.is(others.length, 0);
    assert.is(only?.record.job, "unit");
    assert.is(only?.record.result?.status, status);
    assert.is(only?.record.result?.message, message);
    assert.is(only?.shards.length, shards.length);
  });

test("a shard that never reported is infra, whatever the others say", () => {
  const [only] = mergedJobs(statusesOf(["passed", null, "failed"]));
  assert.is(only?.record.result?.status, "infra");
  assert.is(only?.record.result?.message, "1 of 3 shards: 2: has no result");
});

test("one that still runs makes the job run, without a verdict", () => {
  const shards = [
    job("unit (1 of 2)", "failed"),
    { ...pendingJob(parseJobName("unit (2 of 2)")), state: "running" as const },
  ];
  const [only] = mergedJobs(shards);
  assert.equal([only?.record.state, only?.record.result], ["running", null]);
});

test("it stands where its first shard stood, in the order of the numbers, beside other jobs", () => {
  const names = [
    "a",
    "unit (1 of 12)",
    ...[10, 11, 12, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `unit (${n} of 12)`),
    "z",
  ];
  const jobs = mergedJobs(names.map((name) => job(name, "passed")));
  assert.equal(
    jobs.map(({ record }) => record.job),
    ["a", "unit", "z"],
  );
  assert.equal(
    jobs[1]?.shards.map(({ job: name }) => shardOf(name)?.index),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  );
});

test("shards of other jobs, other counts and other instances are apart; a part of them stays as it is", () => {
  const names = [
    "unit (20, 1 of 2)",
    "unit (20, 2 of 2)",
    "unit (22, 1 of 2)",
    "unit (1 of 2)",
    "lint (1 of 1)",
    "odd (1 of 2)",
    "odd (2 of 3)",
  ];
  const shown = mergedJobs(names.map((name) => job(name, "passed"))).map(({ record }) => record.job);
  assert.equal(shown, [
    "unit (20)",
    "unit (22, 1 of 2)",
    "unit (1 of 2)",
    "lint",
    "odd (1 of 2)",
    "odd (2 of 3)",
  ]);
  const all = names.map(parseJobName);
  assert.equal(
    all.map((name) => shownName(name, all)),
    [
      ...[
        "unit (20)",
        "unit (20)",
        "unit (22, 1 of 2)",
        "unit (1 of 2)",
        "lint",
        "odd (1 of 2)",
        "odd (2 of 3)",
      ],
    ],
  );
});

test("its time is from the first start to the last end; artifacts say whose they are", () => {
  const at = (start: number, end: number) => ({
    started_at: new Date(start).toISOString(),
    finished_at: new Date(end).toISOString(),
  });
  const first = job("unit (1 of 2)", "passed", { ...at(1000, 5000), exit_code: 0 });
  const second = {
    ...job("unit (2 of 2)", "failed", { ...at(2000, 9000), exit_code: 7 }),
    artifacts: [{ path: "r.xml", type: "file" as const, size: 3 }],
    artifacts_left_out: ["fifo: a fifo"],
  };
  const [only] = mergedJobs([first, second]);
  assert.is(only?.record.result?.duration_ms, 8000);
  assert.is(only?.record.result?.exit_code, 7);
  assert.equal(
    only?.record.artifacts.map(({ path }) => path),
    ["2 of 2/r.xml"],
  );
  assert.equal(only?.record.artifacts_left_out, ["2 of 2: fifo: a fifo"]);
});

test("a job is meant by its own name, its instance's and its group's", () => {
  const shard = parseJobName("unit (20, pg, 3 of 8)");
  assert.equal(shardOf(shard), { whole: "unit (20, pg)", index: 3, count: 8 });
  for (const name of ["unit", "unit (20, pg)", "unit (20, pg, 3 of 8)"])
    assert.ok(isMeantBy(shard, name), name);
  for (const name of ["uni", "unit (20)", "unit (3 of 8)", ""]) assert.not.ok(isMeantBy(shard, name), name);
  assert.is(shardOf(parseJobName("unit (20, pg)")), null);
});

test.run();
