// needs: nix
// time-limit: 300
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../scripts/suites/children.ts";
import {
  attach,
  CancelledError,
  cancel,
  doctor,
  gc,
  plan,
  publish,
  renderRunner,
  rerun,
  run,
  snapshot,
  type TimedEvent,
  UsageError,
} from "../src/index.ts";
import { openRig, type Rig } from "./lab/rig.ts";

const test = suite<{ rig: Rig }>("library");
test.before.each((context) => {
  const rig = openRig({});
  context.rig = rig;
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      good: { command: "echo hello; echo kept > /artifacts/file" },
      bad: { command: ["sh", "-c", "exit 3"] },
      endless: { command: "echo begun; sleep 600" },
    },
    targets: { default: { jobs: ["good", "bad"] }, endless: { jobs: ["endless"] } },
  });
});
test.after.each(({ rig }) => rig.remove());

test("events while it runs, the record at the end", async ({ rig }) => {
  const running = run({ cwd: rig.dir });
  const events: TimedEvent[] = [];
  for await (const event of running) events.push(event);
  const record = await running.result;
  const times = events.map(({ at }) => at);
  assert.equal(times, times.toSorted());
  assert.ok(times.every((at) => at >= record.created_at && at === new Date(at).toISOString()));
  assert.equal([record.status, record.exit_code], ["failed", 1]);
  assert.is(events[0]?.type, "run-started");
  const last = events.at(-1);
  assert.equal(last?.type === "run-finished" ? last.record : null, record);
  const log = events.flatMap((event) => (event.type === "job-log" ? [event.data] : []));
  assert.is(Buffer.concat(log).toString(), "hello\n");
  assert.equal(record.jobs[0]?.artifacts, [{ path: "file", type: "file", size: 5 }]);
});

test("who only awaits gets the record", async ({ rig }) => {
  const record = await run({ cwd: rig.dir, jobs: ["good"] }).result;
  assert.equal([record.target, record.status], [null, "passed"]);
});

test("a wrong name rejects the result and makes no run, and nothing is unhandled", async ({ rig }) => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  rmSync(join(rig.dir, ".pikaci"), { recursive: true, force: true });
  const running = run({ cwd: rig.dir, target: "defualt" });
  for await (const _ of running) assert.unreachable();
  const error: unknown = await running.result.catch((reason: unknown) => reason);
  assert.ok(error instanceof UsageError);
  assert.match(error.message, 'unknown target "defualt"');
  assert.not(existsSync(join(rig.dir, ".pikaci")));
  rig.write({ ".pikaci": "in the way" });
  for await (const _ of run({ cwd: rig.dir })) assert.unreachable();
  run({ cwd: rig.dir });
  await new Promise((resolve) => setTimeout(resolve, 200));
  process.off("unhandledRejection", note);
  assert.equal(unhandled, []);
});

test("who leaves the loop early does not end the run", async ({ rig }) => {
  const running = run({ cwd: rig.dir, jobs: ["good"] });
  for await (const _ of running) break;
  assert.is((await running.result).status, "passed");
});

test("an aborted signal cancels, and the record says so", async ({ rig }) => {
  const stop = new AbortController();
  const running = run({ cwd: rig.dir, target: "endless", signal: stop.signal });
  for await (const event of running) if (event.type === "job-log") stop.abort();
  const record = await running.result;
  assert.equal(
    [record.status, record.exit_code, record.jobs[0]?.result?.status],
    ["cancelled", 130, "cancelled"],
  );
});

test("what is aborted before it begins is told as an abort, and makes no run", async ({ rig }) => {
  rmSync(join(rig.dir, ".pikaci"), { recursive: true, force: true });
  const place = { cwd: rig.dir, signal: AbortSignal.abort() };
  const calls = [run(place).result, attach(place).result, plan(place), snapshot(place), publish(place)];
  for (const call of [...calls, cancel({ ...place, run: "latest" }), doctor(place), gc(place)])
    assert.instance(await call.catch((error: unknown) => error), CancelledError);
  assert.not(existsSync(join(rig.dir, ".pikaci")));
});

test("failed, then rerun: the jobs that did not pass, with a JUnit file", async ({ rig }) => {
  await run({ cwd: rig.dir }).result;
  const record = await run({ cwd: rig.dir, failed: true, noCache: true, junit: "junit.xml" }).result;
  assert.equal([record.status, record.jobs.map(({ job }) => job)], ["failed", ["bad"]]);
  assert.match(readFileSync(join(rig.dir, "junit.xml"), "utf8"), `pikaci ${record.run_id}`);
  const again = await rerun({ cwd: rig.dir, failed: true }).result;
  assert.equal([again.snapshot?.content_hash, again.exit_code], [record.snapshot?.content_hash, 1]);
  for (const wrong of [{ failed: true, jobs: ["bad"] }, { keepFailed: "soon" }, { junit: "no/such" }])
    assert.instance(
      await run({ cwd: rig.dir, ...wrong }).result.catch((error: unknown) => error),
      UsageError,
    );
});

test("a detached run is cancelled, attached to and collected", async ({ rig }) => {
  const left = await run({ cwd: rig.dir, target: "endless", detach: true }).result;
  assert.is(left.state, "detached");
  const { ended, record } = await cancel({ cwd: rig.dir, run: left.run_id });
  assert.equal([ended, record.status], [["endless"], "cancelled"]);
  assert.equal(await attach({ cwd: rig.dir, run: left.run_id }).result, record);
  const accounts = await gc({ cwd: rig.dir, dryRun: true });
  assert.equal(
    accounts.map(({ place, error }) => [place, error]),
    [
      ["workspace", null],
      ["local", null],
    ],
  );
});

test("doctor: this machine, and the host", async ({ rig }) => {
  const examined = await doctor({ cwd: rig.dir });
  assert.equal(
    examined.map(({ place }) => place),
    ["client", "local"],
  );
  assert.ok(examined.every(({ findings }) => findings.length > 0));
});

test("a disk that fills up on this machine ends the run with a clear error", async ({ rig }) => {
  const running = run({ cwd: rig.dir, target: "endless" });
  for await (const event of running)
    if (event.type === "run-started")
      execFileSync("mknod", [
        join(rig.dir, ".pikaci/runs", event.runId, "jobs/endless/guest.log"),
        "c",
        "1",
        "7",
      ]);
  const { error, exit_code, status } = await running.result;
  assert.match(error?.message ?? "", /cannot write .*guest.log: ENOSPC/);
  assert.match(error?.hint ?? "", "free space on this machine's disk");
  assert.equal([status, exit_code], ["infra", 3]);
});

test("plan, snapshot, publish and renderRunner", async ({ rig }) => {
  assert.equal(
    (await plan({ cwd: rig.dir })).nodes.map((node) => node.id),
    ["execute good", "execute bad"],
  );
  const refused = await plan({ cwd: rig.dir, on: "lcoal" }).catch((error: unknown) => error);
  assert.instance(refused, UsageError);
  const { contentHash, fileCount } = await snapshot({ cwd: rig.dir });
  assert.is(fileCount, 1);
  const first = await publish({ cwd: rig.dir });
  assert.equal([first.hashed.contentHash, first.outcome], [contentHash, "uploaded"]);
  assert.is((await publish({ cwd: rig.dir })).outcome, "reused");
  const { files } = await renderRunner({ backend: "sandbox" });
  assert.ok(files.some((file) => file.path === "flake.nix"));
});

test("the example script runs a target and copies the artifacts", ({ rig }) => {
  const words = [...childWords("examples/ci.ts"), rig.dir];
  let output = "";
  let code = 0;
  try {
    output = execFileSync(process.execPath, words, { encoding: "utf8" });
  } catch (error) {
    if (!(error instanceof Error && "stdout" in error && "status" in error)) throw error;
    [output, code] = [String(error.stdout), Number(error.status)];
  }
  assert.is(code, 1, output);
  assert.match(output, "good: passed\n");
  assert.match(output, "bad: failed\n");
  assert.is(readFileSync(join(rig.dir, "ci-artifacts/good/file"), "utf8"), "kept\n");
  assert.not.ok(existsSync(join(rig.dir, "ci-artifacts/bad")));
});

test.run();
