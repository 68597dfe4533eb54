import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plainHost } from "../../../src/config/project.ts";
import { UsageError } from "../../../src/core/errors.ts";
import { parseHostUrl, parseJobName, parseRunId } from "../../../src/core/ids.ts";
import type { Status } from "../../../src/core/job-result.ts";
import type { JobRecord, RunRecord } from "../../../src/core/run-record.ts";
import { parseJUnit } from "../../../src/report/junit/parse-junit.ts";
import { junitReporter } from "../../../src/report/junit/reporter.ts";
import { closedJob, failed, finished, newRecord, pendingJob } from "../../../src/runs/transitions.ts";

const test = suite("--junit");
const directory = mkdtempSync(join(tmpdir(), "pikaci-junit-"));
test.after(() => rmSync(directory, { recursive: true }));
const runId = parseRunId("20260101T000000Z-0123abcd");
const client = { pid: 1, started: "", hostname: "h" };
const start = newRecord({
  runId,
  projectId: "p",
  host: plainHost("local", parseHostUrl("local")),
  now: new Date(0),
  client,
});

function jobWith(name: string, status: Status, files: Readonly<Record<string, string | null>>): JobRecord {
  const job = parseJobName(name);
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, "jobs", name, path);
    mkdirSync(dirname(file), { recursive: true });
    if (text === null) symlinkSync("/etc/passwd", file);
    else writeFileSync(file, text);
  }
  const artifacts = Object.entries(files)
    .filter(([path]) => path.startsWith("artifacts/"))
    .map(([path, text]) => ({ path: path.slice(10), type: "file" as const, size: text?.length ?? 0 }));
  return {
    ...closedJob(pendingJob(job), runId, { status, message: 'exit \x1b[31m1 <&"', at: new Date(0) }),
    artifacts,
  };
}

function document(record: RunRecord): string {
  let text = "";
  const write = (part: string) => {
    text += part;
  };
  const reporter = junitReporter({ write, close: () => null }, {});
  reporter.emit({ type: "run-finished", record, directory });
  assert.equal(reporter.close(), []);
  return text;
}

function rows(text: string): string[] {
  return (parseJUnit(text) ?? []).flatMap(({ name, cases }) =>
    cases.map((one) => `${name} | ${one.name} | ${one.outcome} | ${one.message} | ${one.text}`),
  );
}

test("jobs, and the tests of their artifacts", () => {
  const jobs = [
    jobWith("unit", "failed", {
      "guest.log": "said \x1b[31mred\x1b[0m ]]> \x00\ufffe</error>\n",
      "artifacts/deep/junit.xml": `<testsuite name="s"><testcase name="t"><failure message="a\u00e9">x</failure></testcase></testsuite>`,
      "artifacts/out.tap": "1..1\nok 1 - fine\n",
      "artifacts/coverage.xml": "<coverage/>",
      "artifacts/broken.xml": "<testsuite>",
      "artifacts/cut.tap": "ok 1\n",
      "artifacts/notes.txt": "<testsuite>",
    }),
    jobWith("lint", "passed", {}),
    jobWith("slow", "timeout", {}),
    jobWith("other", "skipped", {}),
  ];
  const text = document(finished({ ...start, jobs }, 130, new Date(1)));
  assert.equal(rows(text), [
    'pikaci | unit | failed | exit 1 <&" | said red ]]> \ufffd</error>',
    "pikaci | lint | passed |  | ",
    'pikaci | slow | error | exit 1 <&" | ',
    'pikaci | other | skipped | exit 1 <&" | ',
    "unit: s | t | failed | a\u00e9 | x",
    "unit: out.tap | fine | passed |  | ",
    "unit: broken.xml | broken.xml | error | 1:11: unclosed tag: testsuite | ",
    "unit: cut.tap | cut.tap | error | cut off: 1 test, no plan | ",
  ]);
  assert.match(
    text,
    '<testsuites name="pikaci 20260101T000000Z-0123abcd" tests="8" failures="2" errors="3" skipped="1"',
  );
});

test("a guest's symlink and a name that is not there are told, not followed", () => {
  const linked = jobWith("linked", "passed", { "artifacts/a.xml": null });
  const gone = {
    ...jobWith("gone", "passed", {}),
    artifacts: [{ path: "b.tap", type: "file" as const, size: 1 }],
  };
  const huge = {
    ...jobWith("huge", "passed", {}),
    artifacts: [{ path: "c.xml", type: "file" as const, size: 1e9 }],
  };
  const text = document(finished({ ...start, jobs: [linked, gone, huge] }, 130, new Date(1)));
  assert.equal(rows(text).slice(3), [
    "linked: a.xml | a.xml | error | cannot be read by this name | ",
    "gone: b.tap | b.tap | error | cannot be read by this name | ",
    "huge: c.xml | c.xml | error | larger than 67.1 MB; its tests are not listed here | ",
  ]);
  assert.not.match(text, "root:");
});

test("a run that ended before it had jobs is an error", () => {
  const error = new UsageError("unknown target", { hint: "look" });
  assert.equal(rows(document(failed(start, error, new Date(1)))), [
    "pikaci | run | error | usage | unknown target\nhint: look",
  ]);
});

test("what took jobs' verdicts away is told beside them, with its hints", () => {
  const jobs = [jobWith("lost", "infra", {})];
  const error = { kind: "infra", message: "gone", hint: "look" };
  assert.equal(rows(document({ ...finished({ ...start, jobs }, 130, new Date(1)), error })).slice(1), [
    "pikaci | run | error | infra | gone\nhint: look\nhint: `pikaci doctor` looks for what would make a run fail, here and on hosts",
  ]);
});

test.run();
