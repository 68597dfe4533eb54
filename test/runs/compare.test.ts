import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatComparison } from "../../src/commands/compare.ts";
import { plainHost } from "../../src/config/project.ts";
import { parseHostUrl, parseJobName, parseRunId, parseStorePath } from "../../src/core/ids.ts";
import type { Status } from "../../src/core/job-result.ts";
import type { JobRecord } from "../../src/core/run-record.ts";
import { painter } from "../../src/report/style.ts";
import { type Change, type ComparedRun, compareRuns } from "../../src/runs/compare.ts";
import { closedJob, newRecord, pendingJob } from "../../src/runs/transitions.ts";

const test = suite("compare");
const ids = [parseRunId("20260101T000000Z-00000001"), parseRunId("20260101T000000Z-00000002")] as const;
const name = parseJobName("unit");
const client = { pid: 1, started: "", hostname: "h" };

function job(status: Status | null, ms: number | null = null): JobRecord {
  const closed = closedJob(pendingJob(name), ids[0], {
    status: status ?? "infra",
    message: "",
    at: new Date(0),
  });
  if (status === null || closed.result === null) return pendingJob(name);
  return { ...closed, result: { ...closed.result, duration_ms: ms } };
}

function run(index: 0 | 1, jobs: readonly JobRecord[], spec: object = {}): ComparedRun {
  const start = newRecord({
    runId: ids[index],
    projectId: "p",
    host: plainHost("local", parseHostUrl("local")),
    now: new Date(0),
    client,
  });
  return { record: { ...start, jobs }, specs: new Map([["unit", { ...spec }]]) };
}

const table: readonly (readonly [JobRecord[], JobRecord[], Change])[] = [
  [[job("passed")], [job("failed")], "newly failing"],
  [[job("cached")], [job("timeout")], "newly failing"],
  [[job("failed")], [job("passed")], "fixed"],
  [[job("infra")], [job("cached")], "fixed"],
  [[job("passed")], [job("flaky")], "newly flaky"],
  [[job("failed")], [job("flaky")], "fixed"],
  [[job("flaky")], [job("flaky")], "same"],
  [[job("flaky")], [job("passed")], "same"],
  [[job("flaky")], [job("failed")], "newly failing"],
  [[job("failed")], [job("timeout")], "same"],
  [[job("failed")], [job("cancelled")], "same"],
  [[job("failed", 1000)], [job("failed", 90_000)], "same"],
  [[job("passed", 1000)], [job("passed", 1999)], "same"],
  [[job("passed", 1000)], [job("passed", 2000)], "slower"],
  [[job("passed", 10_000)], [job("passed", 12_000)], "same"],
  [[job("passed", 2000)], [job("passed", 1000)], "faster"],
  [[job("passed", 2000)], [job("cached")], "same"],
  [[], [job("failed")], "added"],
  [[job("failed")], [], "removed"],
  [[job(null)], [job("failed")], "newly failing"],
];
for (const [before, after, change] of table) {
  const sides = [before, after].map(
    ([one]) => `${one?.result?.status ?? "–"} ${one?.result?.duration_ms ?? ""}`,
  );
  test(`${sides.join(" → ")}: ${change}`, () =>
    assert.is(compareRuns(run(0, before), run(1, after)).jobs[0]?.change, change));
}

test("inputs: what both runs know and what differs", () => {
  const path = (letter: string) => parseStorePath(`/nix/store/${letter.repeat(32)}-x`);
  const old = { ...job("passed"), prepared: { node: path("a"), same: path("c"), gone: path("a") } };
  const now = { ...job("failed"), prepared: { node: path("b"), same: path("c"), fresh: path("a") } };
  const before = run(0, [old], { schema_version: 1, timeoutMs: 1, cwd: "/workspace" });
  const after = run(1, [now], { schema_version: 1, timeoutMs: 2, cwd: "/workspace" });
  const moved = { ...after, record: { ...after.record, host: parseHostUrl("ssh://b") } };
  const comparison = compareRuns(before, moved);
  assert.equal(comparison.inputs, [
    { what: "host", before: "local", after: "ssh://b" },
    { what: "unit: prepared node", before: path("a"), after: path("b") },
    { what: "unit: timeoutMs", before: "1", after: "2" },
  ]);
  assert.equal(formatComparison(comparison, painter(false)).slice(0, 4), [
    `from ${ids[0]} to ${ids[1]}`,
    "  newly failing  unit: ✔ passed → ✘ failed",
    "changed inputs:",
    "  host: local → ssh://b",
  ]);
});

test("nothing changed, and that is said", () => {
  const lines = formatComparison(
    compareRuns(run(0, [job("passed")]), run(1, [job("passed")])),
    painter(false),
  );
  assert.is(lines.at(-1), "every input that pikaci knows of is the same");
});

test.run();
