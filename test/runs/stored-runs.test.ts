import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { parseConfig } from "../../src/config/load.ts";
import { plainHost } from "../../src/config/project.ts";
import type { Context } from "../../src/core/context.ts";
import { CancelledError, InfraError } from "../../src/core/errors.ts";
import type { PikaciEvent } from "../../src/core/events.ts";
import { makeRunId, parseHostUrl, parseJobName, type RunId } from "../../src/core/ids.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { RunRecord } from "../../src/core/run-record.ts";
import { Recorder } from "../../src/runs/recorder.ts";
import { listRuns, openRun } from "../../src/runs/stored-runs.ts";
import { closedJob, pendingJob } from "../../src/runs/transitions.ts";
import { judge, liveness, thisProcess } from "../../src/system/process-identity.ts";
import { eventually } from "../lab/rig.ts";
import { makeMemory } from "../workspace.ts";

const test = suite("record");
const root = mkdtempSync(join(tmpdir(), "pikaci-record-"));
test.after(() => rmSync(root, { recursive: true }));

const local = parseHostUrl("local");
const [a, b, c] = [parseJobName("a"), parseJobName("b"), parseJobName("c")];
const command = { command: "true" };
const project = parseConfig({ jobs: { a: command, b: command } }, "/w", null);
const jobs = Object.values(project.jobs);
const plan: Plan = {
  schema_version: 1,
  project_id: "p",
  target: parseJobName("default"),
  host: local,
  nix: { evaluation: [], manner: [], rest: [], impure: false },
  nodes: [],
  skipped: [{ job: c, reason: "no changed file matches" }],
};

function setUp(signal = new AbortController().signal, env: Readonly<Record<string, string>> = {}) {
  const stateDir = join(mkdtempSync(join(root, "w-")), ".pikaci");
  const events: PikaciEvent[] = [];
  const failures: InfraError[] = [];
  const context: Context = {
    emit: (event) => events.push(event),
    signal,
    clock: () => new Date("2026-01-01T00:00:00Z"),
    author: "trusted",
    env,
    workspace: dirname(stateDir),
    stateDir,
    memory: makeMemory(`${stateDir}-memory`),
  };
  const runId = makeRunId(context.clock(), "0123abcd");
  const start = {
    runId,
    projectId: "guess",
    host: plainHost("local", local),
    onFailure: (error: InfraError) => failures.push(error),
  };
  return { stateDir, events, failures, context, runId, record: () => new Recorder(start, context) };
}

const placeOf = (stateDir: string) => ({ stateDir, memory: makeMemory(`${stateDir}-memory`) });

function onDisk(stateDir: string, runId: RunId): RunRecord {
  return openRun(placeOf(stateDir), runId).record;
}

test("exists from the first moment, in a directory that ignores itself", () => {
  const { stateDir, runId, record } = setUp();
  record();
  assert.is(onDisk(stateDir, runId).state, "running");
  assert.is(onDisk(stateDir, runId).project_id, "guess");
  assert.is(readFileSync(join(stateDir, ".gitignore"), "utf8"), "*\n");
});

test("a run from beginning to end", async () => {
  const { stateDir, events, runId, record } = setUp();
  const recorder = record();
  recorder.begin(plan, jobs);
  assert.equal(
    onDisk(stateDir, runId).jobs.map((job) => [job.job, job.state, job.result?.status ?? null]),
    [
      ["a", "pending", null],
      ["b", "pending", null],
      ["c", "finished", "skipped"],
    ],
  );
  recorder.emit({ type: "job-phase", job: a, phase: "running" });
  await eventually("the record says so", 10, () =>
    onDisk(stateDir, runId).jobs[0]?.state === "running" ? true : null,
  );
  recorder.emit({ type: "job-log", job: a, data: Buffer.from([0xff, 0x0a]) });
  recorder.emit({ type: "nix-log", line: "building" });
  recorder.emit({ type: "host-log", job: a, line: "bwrap says" });
  recorder.job(
    closedJob(pendingJob(a), runId, { status: "passed", message: "exit code 0", at: new Date(0) }),
  );
  recorder.jobFailed(b, new InfraError("host", "gone"));
  const final = recorder.finish(null);
  assert.equal([final.state, final.status, final.exit_code], ["finished", "infra", 3]);
  assert.equal(onDisk(stateDir, runId), final);

  const file = (name: string) => readFileSync(join(recorder.directory, name));
  assert.equal([...file("jobs/a/guest.log")], [0xff, 0x0a]);
  assert.is(file("host.log").toString(), "building\n");
  assert.is(file("jobs/a/host.log").toString(), "bwrap says\n");
  assert.is(JSON.parse(file("jobs/a/result.json").toString()).status, "passed");
  assert.is(JSON.parse(file("jobs/b/result.json").toString()).message, "did not finish: gone");
  assert.is(JSON.parse(file("jobs/a/job.json").toString()).schema_version, 1);
  assert.equal(JSON.parse(file("plan.json").toString()), plan);
  const lines = file("events.jsonl")
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(
    lines.map((line) => line.type),
    events.map((event) => event.type),
  );
  assert.equal(
    lines.find((line) => line.type === "job-log"),
    { schema_version: 1, at: "2026-01-01T00:00:00.000Z", type: "job-log", job: "a", bytes: 2 },
  );
});

test("secrets are masked in all that is kept and in every event, across pieces; what cannot be is said", () => {
  const { events, record } = setUp(undefined, { TOKEN: "hunter22", PIN: "123" });
  const recorder = record();
  const [first, ...others] = jobs;
  if (first === undefined) throw new Error("no job");
  const env = { COPY: "is hunter22" };
  recorder.begin(plan, [{ ...first, env, secrets: ["TOKEN", "PIN", "GONE"] } as typeof first, ...others]);
  for (const piece of ["a hun", "ter22 b\nhunt"])
    recorder.emit({ type: "job-log", job: a, data: Buffer.from(piece) });
  recorder.emit({ type: "nix-log", line: "fetching https://hunter22@example.org" });
  recorder.emit({ type: "host-log", job: a, line: "hunter22" });
  const done = closedJob(pendingJob(a), recorder.runId, {
    status: "failed",
    message: "said hunter22",
    at: new Date(0),
  });
  if (done.result !== null) recorder.emit({ type: "job-finished", job: a, result: done.result });
  recorder.job(done);
  recorder.emit({ type: "job-log", job: b, data: Buffer.from("hunter") });
  const final = recorder.finish(new InfraError("host", "no hunter22", { hint: "hunter22" }));
  assert.is(final.error?.message, "no ***");
  const read = (name: string) => readFileSync(join(recorder.directory, name), "utf8");
  assert.is(read("jobs/a/guest.log"), "a *** b\nhunt");
  assert.is(read("jobs/b/guest.log"), "hunter");
  assert.is(read("host.log"), "fetching https://***@example.org\n");
  const names = [
    "run.json",
    "plan.json",
    "events.jsonl",
    "jobs/a/job.json",
    "jobs/a/result.json",
    "jobs/a/host.log",
  ];
  for (const name of names) assert.not.match(read(name), "hunter22");
  assert.match(read("jobs/a/job.json"), "is ***");
  const shown = events.map((event) =>
    event.type === "job-log" ? event.data.toString() : JSON.stringify(event),
  );
  assert.not.match(shown.join("\n"), "hunter22");
  const order = events.map(({ type }) => type);
  assert.ok(order.lastIndexOf("job-log") < order.indexOf("run-finished"));
  assert.equal(
    events.flatMap((event) => (event.type === "warning" ? [[event.message, event.hint]] : [])),
    [
      ["the secret PIN has fewer than 4 characters: logs are not masked for it", null],
      [
        "the secret GONE is not set here: only its host masks logs for it",
        "set GONE in this shell as it was where the run was started",
      ],
    ],
  );
});

test("an error that took a job's result away is told with its hint, unless the run was cancelled", () => {
  const { stateDir, runId, record } = setUp();
  const recorder = record();
  recorder.begin(plan, jobs);
  recorder.jobFailed(a, new InfraError("disk", "full\nof this and that", { hint: "free space" }));
  recorder.jobFailed(b, new TypeError("boom"));
  recorder.finish(null);
  const { error, jobs: ended } = onDisk(stateDir, runId);
  assert.equal(error, { kind: "infra", message: "full\nof this and that", hint: "free space" });
  assert.equal(
    ended.slice(0, 2).map((job) => job.result?.message),
    ["did not finish: full", "did not finish: boom"],
  );
  const log = readFileSync(join(recorder.directory, "jobs/b/host.log"), "utf8");
  assert.match(log, /^TypeError: boom\n.*stored-runs\.test\.ts/);
});

test("an error before the jobs: terminal, with the error and its exit code", () => {
  const { stateDir, runId, record } = setUp();
  const recorder = record();
  recorder.begin(plan, jobs);
  recorder.finish(new InfraError("network", "refused", { hint: "is sshd up?" }));
  const { status, exit_code, error, jobs: ended } = onDisk(stateDir, runId);
  assert.equal([status, exit_code], ["infra", 3]);
  assert.equal(error, { kind: "infra", message: "refused", hint: "is sshd up?" });
  assert.equal(
    ended.map((job) => job.result?.status),
    ["infra", "infra", "skipped"],
  );
});

test("cancelled: the exit code is the signal's", () => {
  const controller = new AbortController();
  const { record } = setUp(controller.signal);
  const recorder = record();
  recorder.begin(plan, jobs);
  controller.abort(new CancelledError("SIGTERM"));
  recorder.job(
    closedJob(pendingJob(a), recorder.runId, { status: "cancelled", message: "", at: new Date(0) }),
  );
  recorder.job(closedJob(pendingJob(b), recorder.runId, { status: "passed", message: "", at: new Date(0) }));
  assert.is(recorder.finish(null).exit_code, 143);
});

test("a bug in pikaci itself is recorded too", () => {
  const { record } = setUp();
  const recorder = record();
  const final = recorder.finish(new TypeError("x is not a function"));
  assert.match(
    readFileSync(join(recorder.directory, "host.log"), "utf8"),
    "TypeError: x is not a function\n    at ",
  );
  assert.equal([final.state, final.error?.kind, final.exit_code], ["finished", "internal", 3]);
});

test("one broken record never breaks the list", () => {
  const { stateDir, record } = setUp();
  record().finish(null);
  const broken: readonly (readonly [string, string | null, RegExp])[] = [
    ["20250101T000000Z-00000001", "{", /is not JSON/],
    ["20250101T000000Z-00000002", null, /run.json: ENOENT/],
    ["20250101T000000Z-00000003", `{"schema_version":99}`, /another version.*99/],
    ["20250101T000000Z-00000004", `{"schema_version":1}`, /not a run record: /],
    ["20250101T000000Z-00000005", "[]", /not a run record: run.json/],
  ];
  for (const [id, content] of broken) {
    mkdirSync(join(stateDir, "runs", id));
    if (content !== null) writeFileSync(join(stateDir, "runs", id, "run.json"), content);
  }
  mkdirSync(join(stateDir, "runs", "something else"));
  const listed = listRuns(placeOf(stateDir));
  assert.is(listed.length, 6);
  assert.ok(listed[0] !== undefined && "record" in listed[0]);
  for (const [id, , why] of broken) {
    const run = listed.find((candidate) => candidate.runId === id);
    assert.match(run !== undefined && "broken" in run ? run.broken : "", why);
    assert.throws(
      () => openRun(placeOf(stateDir), id),
      (error: unknown) =>
        error instanceof InfraError && error.message.includes("is broken") && error.hint !== undefined,
    );
  }
});

test("a run whose client was killed is shown as cancelled, and finalised", async () => {
  const { stateDir, runId } = setUp();
  const child = spawn(process.execPath, [...childWords("test/runs/killed-client.ts"), stateDir, runId], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  assert.is(onDisk(stateDir, runId).state, "running", "alive");
  child.kill("SIGKILL");
  await once(child, "exit");
  const { state, status, exit_code, error, jobs: ended } = onDisk(stateDir, runId);
  assert.equal(
    [state, status, exit_code, error?.message],
    ["finished", "cancelled", null, "client was killed"],
  );
  assert.is(ended[0]?.result?.status, "cancelled");
  assert.is(JSON.parse(readFileSync(join(stateDir, "runs", runId, "run.json"), "utf8")).state, "finished");
});

test("liveness", () => {
  assert.is(liveness(thisProcess()), "alive");
  assert.is(liveness({ ...thisProcess(), hostname: "elsewhere" }), "unknown");
  const { pid } = spawnSync("true");
  assert.is(liveness({ ...thisProcess(), pid }), "dead");
  const client = { pid: 7, started: "boot/ns/1", hostname: "h" };
  const seen = { hostname: "h", boot: "boot/ns", token: "boot/ns/1", exists: true };
  assert.is(judge(client, seen), "alive");
  assert.is(judge(client, { ...seen, token: "boot/ns/2" }), "dead", "the pid was reused");
  assert.is(judge(client, { ...seen, boot: "other/ns" }), "dead", "rebooted");
  assert.is(judge(client, { ...seen, boot: "boot/other" }), "unknown", "another container");
  assert.is(judge({ ...client, started: "" }, { ...seen, boot: null }), "unknown", "no /proc");
  assert.is(judge({ ...client, started: "" }, { ...seen, boot: null, exists: false }), "dead", "no /proc");
  assert.is(thisProcess().hostname, hostname());
});

test("a state directory that cannot be made is a clear error", () => {
  const { stateDir, record } = setUp();
  writeFileSync(stateDir, "a file");
  assert.throws(record, (error: unknown) => {
    return (
      error instanceof InfraError &&
      error.exitCode === 3 &&
      error.hint?.includes("must be a directory") === true
    );
  });
});

/** Only root makes the device that is always full. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot("a disk that fills up ends the run with a clear error, once", () => {
  const { failures, record } = setUp();
  const recorder = record();
  recorder.begin(plan, jobs);
  execFileSync("mknod", [join(recorder.jobDirectory(a), "guest.log"), "c", "1", "7"]);
  for (let n = 0; n < 3; n++) recorder.emit({ type: "job-log", job: a, data: Buffer.from("x") });
  assert.is(failures.length, 1);
  const final = recorder.finish(new CancelledError("SIGINT"));
  assert.match(final.error?.message ?? "", /cannot write .*guest.log: ENOSPC/);
  assert.match(final.error?.hint ?? "", "free space");
  assert.is(final.exit_code, 3);
});

test.run();
