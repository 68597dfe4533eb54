import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isBeforeJobs, logFiles, type WantedLogs } from "../../src/commands/log-files.ts";
import { plainHost } from "../../src/config/project.ts";
import { UsageError } from "../../src/core/errors.ts";
import { parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { RunRecord } from "../../src/core/run-record.ts";
import { finished, newRecord, pendingJob } from "../../src/runs/transitions.ts";
import { makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("log files of a run");
test.after(removeWorkspaces);
const runId = parseRunId("20260101T000000Z-0123abcd");
const client = { pid: 1, started: "", hostname: "h" };
const before = newRecord({
  runId,
  projectId: "p",
  host: plainHost("local", parseHostUrl("local")),
  now: new Date(0),
  client,
});
const running = { ...before, jobs: ["a", "b"].map((name) => pendingJob(parseJobName(name))) };
const ended = finished(before, 130, new Date(1));

test("jobs are still to come while a run without any goes on", () =>
  assert.equal([before, running, ended].map(isBeforeJobs), [true, false, false]));

const table: readonly (readonly [string, RunRecord, Partial<WantedLogs>, readonly string[]])[] = [
  ["before the jobs are known", before, {}, []],
  ["before the jobs are known, one of them", before, { job: "a" }, []],
  ["before the jobs are known, all", before, { kind: "both" }, ["host"]],
  ["from a byte of one that is not known yet", before, { kind: "host", from: 3 }, []],
  ["guests", running, {}, ["a", "b"]],
  ["one", running, { job: "b" }, ["b"]],
  ["one, from a byte", running, { job: "b", from: 3 }, ["b"]],
  ["all of one", running, { job: "b", kind: "both" }, ["host", "b host", "b"]],
  ["hosts", running, { kind: "host" }, ["host", "a host", "b host"]],
  ["a run that ended without jobs", ended, {}, []],
];
for (const [name, record, wanted, labels] of table)
  test(name, () => {
    const files = logFiles(record, "/r", { job: null, kind: "guest", service: null, from: 0, ...wanted });
    assert.equal(
      files.map(({ label }) => label),
      labels,
    );
    assert.is(new Set(files.map(({ path }) => path)).size, labels.length);
  });

test("logs of services, with all others or by name", () => {
  const directory = makeDirectory();
  writeFiles(directory, {
    "jobs/a/services/db.log": "",
    "jobs/a/services/web.log": "",
    "jobs/b/services/db.log": "",
  });
  const labels = (wanted: Partial<WantedLogs>) =>
    logFiles(running, directory, { job: null, kind: "guest", service: null, from: 0, ...wanted }).map(
      ({ label }) => label,
    );
  assert.equal(labels({}), ["a", "b"]);
  assert.equal(labels({ job: "a", kind: "both" }), ["host", "a host", "a", "a/db", "a/web"]);
  assert.equal(labels({ service: "db" }), ["a/db", "b/db"]);
  assert.equal(labels({ service: "web", from: 1 }), ["a/web"]);
  assert.equal(labels({ service: "none" }), []);
  const over = { ...finished(before, 130, new Date(1)), jobs: running.jobs };
  assert.throws(
    () => logFiles(over, directory, { job: null, kind: "guest", service: "dv", from: 0 }),
    /no log of a service "dv"/,
  );
});

const refused: readonly (readonly [RunRecord, Partial<WantedLogs>, string, string])[] = [
  [running, { job: "bb" }, `has no job "bb" (did you mean "b"?)`, "its jobs are a, b"],
  [ended, { job: "a" }, `has no job "a"`, "its jobs are none"],
  [running, { from: 1 }, "--from needs a single log, not 2", "name one with --job"],
];
for (const [record, wanted, message, hint] of refused)
  test(message, () => {
    try {
      logFiles(record, "/r", { job: null, kind: "guest", service: null, from: 0, ...wanted });
      assert.unreachable();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      assert.match(error.message, message);
      assert.match(error.hint ?? "", hint);
      assert.is(error.exitCode, 2);
    }
  });

test.run();
