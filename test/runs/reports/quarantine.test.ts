import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseJobName, parseRunId } from "../../../src/core/ids.ts";
import type { JobResult } from "../../../src/core/job-result.ts";
import { asExcused, excused, namesOf, quarantineOf } from "../../../src/runs/reports/quarantine.ts";
import { testCase } from "../../../src/runs/reports/suite.ts";
import { closedJob, pendingJob } from "../../../src/runs/transitions.ts";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";

const test = suite("quarantine");
test.after(removeWorkspaces);
const job = parseJobName("unit");

function failedWith(over: Partial<JobResult> = {}): JobResult {
  const runId = parseRunId("20260101T000000Z-00000000");
  const end = { status: "failed", message: "exit 1", at: new Date(0) } as const;
  const { result } = closedJob(pendingJob(job), runId, end);
  if (result === null) throw new Error("no result");
  return { ...result, exit_code: 1, ...over };
}

interface Left {
  readonly files: Readonly<Record<string, string>>;
  readonly leftOut?: readonly string[];
  readonly result?: Partial<JobResult>;
}

function judge(patterns: readonly string[], { files, leftOut = [], result = {} }: Left): JobResult {
  const directory = makeDirectory();
  const artifacts = Object.entries(files).map(([path, text]) => {
    const file = join(directory, "artifacts", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return { path, type: "file" as const, size: Buffer.byteLength(text) };
  });
  return excused(patterns, failedWith(result), { job, artifacts, artifacts_left_out: leftOut }, directory);
}

const tests = (...cases: readonly string[]) =>
  `<testsuite name="s">${cases.map((one) => `<testcase classname="db" ${one}</testcase>`).join("")}</testsuite>`;
const fails = (name: string) => `name="${name}"><failure message="m"/>`;
const passes = (name: string) => `name="${name}">`;
const ONE = tests(fails("connects"), passes("reads"));

for (const [what, patterns, left, quarantined] of [
  ["the only failing test", ["db > connects"], { files: { "a.xml": ONE } }, ["db > connects"]],
  ["by a pattern", ["db > conn*"], { files: { "a.xml": ONE } }, ["db > connects"]],
  [
    "two, by two patterns, in two files",
    ["db > a", "*> b*"],
    { files: { "a.xml": tests(fails("a")), "b.xml": tests(fails("be")) } },
    ["db > a", "db > be"],
  ],
  [
    "an error of a test",
    ["db > up"],
    { files: { "a.xml": tests('name="up"><error message="m"/>') } },
    ["db > up"],
  ],
  [
    "of TAP, by its name alone",
    ["slow one"],
    { files: { "a.tap": "1..1\nnot ok 1 - slow one\n" } },
    ["slow one"],
  ],
  [
    "at the last of several attempts",
    ["db > connects"],
    {
      files: { "a.xml": ONE },
      result: { attempts: [], message: "exit 1 (attempt 2 of 2)" },
    },
    ["db > connects"],
  ],
  [
    "by its file",
    ["test/db.ts > connects"],
    {
      files: {
        "a.xml":
          '<testsuite name="s"><testcase name="connects" file="/workspace/test/db.ts"><failure/></testcase></testsuite>',
      },
    },
    ["test/db.ts > connects"],
  ],
] as const)
  test(`excused: ${what}`, () => {
    const result = judge(patterns, left);
    assert.is(result.status, "flaky");
    assert.is(result.exit_code, 1);
    assert.equal(result.quarantined, [...quarantined]);
    assert.match(result.message, /^exit 1.*; only tests in quarantine failed: "/);
  });

const named = ["db > connects", "*", "unit > *", "the whole suite"];
for (const [what, patterns, left, reason] of [
  [
    "another test failed too",
    ["db > connects"],
    { files: { "a.xml": tests(fails("connects"), fails("reads")) } },
    'not in quarantine: "db > reads"',
  ],
  [
    "a pattern is the whole name",
    ["connects", "db > connect"],
    { files: { "a.xml": ONE } },
    'not in quarantine: "db > connects"',
  ],
  [
    "no test failed",
    ["db > connects"],
    { files: { "a.xml": tests(passes("connects")) } },
    "its reports list no failing test",
  ],
  ["there is no report", ["db > connects"], { files: {} }, "its reports list no failing test"],
  ["a report is torn", named, { files: { "a.xml": ONE, "b.xml": "<testsuite><testcase" } }, /^b.xml: /],
  ["a report is no text", named, { files: { "a.xml": ONE, "b.tap": "\0\0" } }, null],
  ["a TAP stream is cut off", named, { files: { "a.xml": ONE, "b.tap": "ok 1\n" } }, /^b.tap: cut off/],
  [
    "a suite has an error of its own",
    named,
    {
      files: {
        "a.xml":
          '<testsuite name="s"><error message="set-up"/><testcase classname="db" name="connects"><failure/></testcase></testsuite>',
      },
    },
    "the whole suite: set-up",
  ],
  [
    "totals count more than is listed",
    named,
    {
      files: {
        "a.xml": `<testsuite name="s" failures="3"><testcase classname="db" name="connects"><failure/></testcase></testsuite>`,
      },
    },
    /^the whole suite: its totals say 3 failures/,
  ],
  [
    "not all artifacts came",
    named,
    { files: { "a.xml": ONE }, leftOut: ["all of it: too large"] },
    "not all of its artifacts were kept: all of it: too large",
  ],
  [
    "too many failed",
    ["db > t*"],
    { files: { "a.xml": tests(...Array.from({ length: 1001 }, (_, n) => fails(`t${n}`))) } },
    "1001 tests failed",
  ],
] as const)
  test(`not excused: ${what}`, () => {
    const result = judge(patterns, left);
    assert.is(result.status, "failed");
    assert.is(result.quarantined, undefined);
    if (typeof reason === "string") assert.is(result.message, `exit 1; ${reason}`);
    else if (reason !== null) assert.match(result.message.slice("exit 1; ".length), reason);
  });

for (const [what, result] of [
  ["a signal", { signal: "SEGV", exit_code: 139 }],
  ["a program that was not found", { exit_code: 127 }],
  ["a timeout", { status: "timeout", exit_code: null }],
  ["a cancelled job", { status: "cancelled", exit_code: null }],
  ["infra", { status: "infra", exit_code: null }],
  ["a pass", { status: "passed", exit_code: 0 }],
] as const)
  test(`reports are not asked about ${what}`, () => {
    const given = failedWith(result);
    assert.equal(judge(["db > connects"], { files: { "a.xml": ONE }, result }), given);
  });

test("without patterns nothing is read, and nothing is said", () => {
  assert.equal(judge([], { files: { "a.xml": "<" } }), failedWith());
});

test("a name is what it says: only * stands for other text, newlines included", () => {
  const match = (pattern: string, name: string) => quarantineOf([pattern])(testCase(name));
  assert.ok(match("a.b+(c)[d]{e}^$|\\/-?", "a.b+(c)[d]{e}^$|\\/-?"));
  assert.not(match("a.b", "axb"));
  assert.ok(match("a*z", "a\n\u{1f600}z"));
  assert.ok(match("a**z", "az"));
  assert.not(match("a*z", "bazz"));
  assert.not(match("*a*", "b"));
});

test("names of a test: by its class and by its file, and alone where it has neither", () => {
  assert.equal(namesOf({ name: "n", classname: "c", file: "f" }), ["c > n", "f > n"]);
  assert.equal(namesOf({ name: "n", classname: "f", file: "f" }), ["f > n"]);
  assert.equal(namesOf({ name: "n", classname: "", file: null }), ["n"]);
});

test("a hostile name is one line of bounded length in the message", () => {
  const name = `x${"&#10;::error::".repeat(100)}`;
  const result = judge(["db > x*"], { files: { "a.xml": tests(fails(name)) } });
  assert.is(result.status, "flaky");
  assert.not.match(result.message, /\n/);
  assert.ok(result.message.length < 400, result.message);
});

test("a report shows an excused test as skipped, and no other", () => {
  const shown = asExcused({ quarantined: ["db > a"] });
  const one = (name: string) => testCase(name, { classname: "db", outcome: "failed", message: "m" });
  assert.equal(
    [shown(one("a")), shown(one("b"))].map(({ outcome, message }) => [outcome, message]),
    [
      ["skipped", "in quarantine: m"],
      ["failed", "m"],
    ],
  );
  assert.is(asExcused({})(one("a")).outcome, "failed");
});

test.run();
