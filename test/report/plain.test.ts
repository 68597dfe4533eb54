import { relative } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plainHost } from "../../src/config/project.ts";
import type { PikaciEvent } from "../../src/core/events.ts";
import { parseContentHash, parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { RunRecord } from "../../src/core/run-record.ts";
import { formatBytes, formatError } from "../../src/report/format.ts";
import { PlainReporter } from "../../src/report/plain.ts";
import { painter, wantsColor } from "../../src/report/style.ts";
import { closedJob, finished, newRecord, pendingJob } from "../../src/runs/transitions.ts";

const test = suite("plain reporter");
const runId = parseRunId("20260101T000000Z-0123abcd");
const host = parseHostUrl("local");
const [unit, lint] = [parseJobName("unit"), parseJobName("lint")];
const contentHash = parseContentHash("0123456789ab".padEnd(64, "0"));
const directory = "/w/.pikaci/runs/20260101T000000Z-0123abcd";

function record(): RunRecord {
  const start = newRecord({
    runId,
    projectId: "p",
    host: plainHost(host, host),
    now: new Date(0),
    client: { pid: 1, started: "", hostname: "h" },
  });
  const passed = closedJob(pendingJob(unit), runId, { status: "passed", message: "exit 0", at: new Date(0) });
  const failed = closedJob(pendingJob(lint), runId, {
    status: "failed",
    message: "exit \x1b[31m1",
    at: new Date(0),
  });
  const artifacts = [{ path: "a", type: "file" as const, size: 1 }];
  return finished({ ...start, jobs: [{ ...passed, artifacts }, failed] }, 130, new Date(2500));
}

function result(index: 0 | 1) {
  const found = record().jobs[index]?.result;
  if (!found) throw new Error("no result");
  return found;
}

const events: readonly PikaciEvent[] = [
  { type: "run-started", runId, target: "check", host, jobs: [unit, lint] },
  { type: "connected", host, workDir: "/d", nixVersion: "2.8" },
  { type: "stage-started", stage: "hash", job: null },
  { type: "hashed", contentHash, fileCount: 1, byteCount: 4_560_000, filesRead: 0 },
  { type: "stage-finished", stage: "hash", job: null, durationMs: 1234 },
  { type: "upload-progress", bytes: 1, totalBytes: 2000 },
  { type: "waiting", what: "another \x1b[2Jclient" },
  { type: "published", contentHash, outcome: "reused", bytesSent: 0 },
  { type: "stage-finished", stage: "publish", job: null, durationMs: 5 },
  { type: "nix-log", line: "building \x1b]0;x\x07y" },
  { type: "warning", message: "careful", hint: "do that" },
  { type: "job-phase", job: unit, phase: "running" },
  { type: "job-log", job: unit, data: Buffer.from("one\n::error::tw") },
  { type: "job-log", job: lint, data: Buffer.from("other\n") },
  { type: "job-log", job: unit, data: Buffer.from("o\nend") },
  { type: "host-log", job: unit, line: "bwrap" },
  {
    type: "service-log",
    job: unit,
    service: parseJobName("db"),
    data: Buffer.from("of a job that passed\n"),
  },
  { type: "service-log", job: lint, service: parseJobName("db"), data: Buffer.from(numbered(11)) },
  { type: "service-log", job: lint, service: parseJobName("web"), data: Buffer.from("\x1b[2Jopen en") },
  { type: "service-log", job: lint, service: parseJobName("web"), data: Buffer.from("d") },
  { type: "job-finished", job: unit, result: result(0) },
  { type: "job-finished", job: lint, result: result(1) },
  { type: "run-finished", record: record(), directory },
];

function numbered(count: number): string {
  return [...Array(count).keys()].map((n) => `line ${n}\n`).join("");
}

function shown(verbosity: "quiet" | "normal" | "verbose"): string[] {
  let text = "";
  const write = (part: string) => {
    text += part;
  };
  const reporter = new PlainReporter({ write, paint: painter(false), verbosity, cwd: "/w" });
  for (const event of events) reporter.emit(event);
  return text.split("\n").slice(0, -1);
}

/** What is shown of the services of the job that failed. */
const ofServices = [
  "lint/db │ … 1 line before",
  ...numbered(11)
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => `lint/db │ ${line}`),
  "lint/web │ open end",
];

const summary = [
  "✔ passed  unit",
  "✘ failed  lint: exit 1",
  "✘ failed  run 20260101T000000Z-0123abcd in 2.5 s",
  "artifacts of unit: .pikaci/runs/20260101T000000Z-0123abcd/jobs/unit/artifacts (1 file)",
  "look further: pikaci logs 20260101T000000Z-0123abcd --job lint · pikaci status 20260101T000000Z-0123abcd · .pikaci/runs/20260101T000000Z-0123abcd",
];

test("a new attempt has a line of its own, after the log of the one before; flaky jobs are counted", () => {
  let text = "";
  const reporter = new PlainReporter({
    write: (part) => {
      text += part;
    },
    ...{ paint: painter(false), verbosity: "normal", cwd: "/w" },
  });
  const flaky = { ...result(0), status: "flaky", message: "exit 0 at attempt 2 of 3" } as const;
  const jobs = record().jobs.map((job) => (job.job === unit ? { ...job, result: flaky } : job));
  for (const event of [
    { type: "job-log", job: unit, data: Buffer.from("first") },
    { type: "job-attempt", job: unit, attempt: 2, of: 3, reason: "exit \x1b[31m1" },
    { type: "job-log", job: unit, data: Buffer.from("second\n") },
    { type: "job-finished", job: unit, result: flaky },
    { type: "run-finished", record: { ...record(), jobs }, directory },
  ] as const)
    reporter.emit(event);
  assert.equal(text.split("\n").slice(0, 8), [
    "unit │ first",
    "↻ attempt 2 of 3  unit; the one before: exit 1",
    "unit │ second",
    "↻ flaky  unit",
    "↻ flaky  unit: exit 0 at attempt 2 of 3",
    "✘ failed  lint: exit 1",
    "✘ failed  run 20260101T000000Z-0123abcd in 2.5 s",
    "1 flaky job: unit",
  ]);
});

test("normal", () => {
  assert.equal(shown("normal"), [
    "run 20260101T000000Z-0123abcd of check on local: unit, lint",
    "✔ hash        1.2 s  1 file, 4.6 MB, 0123456789ab",
    "waiting: another client",
    "✔ publish      5 ms  nothing sent, the host has it",
    "nix │ building y",
    "warning: careful",
    "hint: do that",
    "unit │ one",
    "lint │ other",
    "unit │ : :error::two",
    "unit │ end",
    "✔ passed  unit",
    ...ofServices,
    "✘ failed  lint",
    ...summary,
  ]);
});

const unstarted: readonly [about: string, outcome: "uploaded" | null, logs: string][] = [
  ["nothing reached the host, so it logged nothing", null, ""],
  ["what the host said has the reason", "uploaded", `pikaci logs ${runId} --job unit --kind both · `],
];
for (const [about, outcome, logs] of unstarted)
  test(`where to look when no job started: ${about}`, () => {
    const job = closedJob(pendingJob(unit), runId, { status: "infra", message: "gone", at: new Date(0) });
    const source = { git_head: null, git_dirty: true, git_branch: null, git_subject: null };
    const snapshot = {
      content_hash: contentHash,
      file_count: 1,
      byte_count: 1,
      source,
      outcome,
      bytes_sent: 0,
    };
    const ended = finished({ ...record(), jobs: [job], snapshot }, 3, new Date(2500));
    let text = "";
    const write = (part: string) => {
      text += part;
    };
    new PlainReporter({ write, paint: painter(false), verbosity: "quiet", cwd: "/w" }).emit({
      type: "run-finished",
      record: ended,
      directory,
    });
    const place = relative("/w", directory);
    assert.is(text.split("\n").at(-2), `look further: ${logs}pikaci status ${runId} · ${place}`);
  });

test("quiet: warnings and verdicts", () => {
  assert.equal(shown("quiet"), ["warning: careful", "hint: do that", ...summary]);
});

test("verbose: more", () => {
  const lines = shown("verbose");
  for (const line of ["connected to local, work dir /d, Nix 2.8", "unit: running", "unit host │ bwrap"]) {
    assert.ok(lines.includes(line), line);
  }
});

const colors: readonly (readonly [Record<string, string>, boolean, boolean])[] = [
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
  [{ TERM: "dumb" }, true, false],
];
for (const [env, terminal, color] of colors) {
  test(`color ${JSON.stringify(env)}, terminal ${terminal}: ${color}`, () =>
    assert.is(wantsColor(env, terminal), color));
}

const told = { message: "m", hint: "h" };
const errors: readonly (readonly [Parameters<typeof formatError>[0], string])[] = [
  [told, "error: m\nhint: h"],
  [{ kind: "usage", ...told }, "error: m\nhint: h"],
  [
    { kind: "infra", ...told },
    "error: m\nhint: h\nhint: `pikaci doctor` looks for what would make a run fail, here and on hosts",
  ],
  [
    { kind: "infra", message: "m", hint: null },
    "error: m\nhint: `pikaci doctor` looks for what would make a run fail, here and on hosts",
  ],
];
for (const [error, text] of errors)
  test(`an error of kind ${error.kind}, hint ${error.hint}`, () =>
    assert.is(formatError(error, painter(false)), text));

test("painted text", () => assert.is(painter(true)("red", "x"), "\x1b[31mx\x1b[39m"));

test("bytes", () => {
  const sizes = [0, 999, 1000, 1_234_567, 5e9, 1e15];
  assert.equal(sizes.map(formatBytes), ["0 B", "999 B", "1.0 kB", "1.2 MB", "5.0 GB", "1000.0 TB"]);
});

test.run();
