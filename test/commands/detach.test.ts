// needs: nix
// time-limit: 180
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eventually, jobOf, openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("detached runs on this machine");
/** `lease` is the default one, unless a test needs that it passes. */
function configure(rig: Rig, lease: { readonly lease?: string } = {}): void {
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work"), ...lease } },
    jobs: {
      ticking: {
        command: "for n in 1 2 3 4 5 6; do echo tick $n; sleep 2; done; echo kept >/artifacts/file",
      },
      failing: { command: "echo bad; exit 3" },
      endless: { command: "echo begun; while :; do sleep 1; done" },
      silent: { command: "echo begun; sleep 600", silence: "2s" },
    },
  });
}

test.before.each((context) => {
  context.rig = openRig({});
  configure(context.rig);
});
test.after.each(({ rig }) => rig.remove());

/** `jobs/<job>` of the only run in the work dir. */
function hostDirectory(rig: Rig, job: string): string {
  const runs = join(rig.dir, ".pikaci/work/runs");
  return join(runs, readdirSync(runs)[0] ?? "none", "jobs", job);
}

/** Command lines of this machine that name the directory of the rig's job as theirs. */
function guests(rig: Rig): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(rig.record().run_id)
      );
    } catch {
      return false;
    }
  });
}

test("a detached run outlives its lease; attach shows all of its log and fetches what it left", async ({
  rig,
}) => {
  configure(rig, { lease: "10s" });
  const ran = await rig.pikaci("run", "--job", "ticking", "--job", "failing", "--detach");
  assert.is(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /it goes on without you: pikaci attach \S+ · pikaci cancel/);
  assert.is(rig.record().state, "detached");
  assert.match((await rig.pikaci("list")).stdout, "… detached");
  const attached = await rig.pikaci("attach");
  assert.is(attached.code, 1, attached.stderr);
  assert.is(rig.jobFile("ticking", "guest.log"), "tick 1\ntick 2\ntick 3\ntick 4\ntick 5\ntick 6\n");
  assert.is(rig.jobFile("ticking", "artifacts/file"), "kept\n");
  const record = rig.record();
  assert.equal([record.state, record.status, record.exit_code], ["finished", "failed", 1]);
  assert.is(jobOf(record, "ticking").runner?.backend, "sandbox");
  assert.not(existsSync(join(hostDirectory(rig, "ticking"), "artifacts")));
  const again = await rig.pikaci("attach");
  assert.is(again.code, 1, again.stderr);
  assert.match(again.stdout, "verdict");
});

test("a job that the host has nothing of is no job that still runs: the run ends, and not as passed", async ({
  rig,
}) => {
  const ran = await rig.pikaci("run", "--job", "failing", "--job", "silent", "--detach");
  assert.is(ran.code, 0, ran.stderr);
  const directory = hostDirectory(rig, "failing");
  await eventually("the job's end", 60, () => existsSync(join(directory, "result.json")) || null);
  rmSync(directory, { recursive: true });
  const attached = await rig.pikaci("attach");
  assert.is(attached.code, 3, attached.stderr);
  assert.match(
    attached.stderr,
    /infra {2}failing: local has nothing of this job: it was never launched there/,
  );
  const record = rig.record();
  assert.equal([record.state, record.status], ["finished", "infra"]);
  assert.is(jobOf(record, "silent").result?.status, "timeout");
});

test("Ctrl-C leaves an attached run running; cancel ends it and says so", async ({ rig }) => {
  await rig.pikaci("run", "--job", "endless", "--detach");
  const attached = rig.start("attach");
  await eventually("the log has come", 30, () =>
    rig.jobFile("endless", "guest.log").includes("begun") ? true : null,
  );
  attached.child.kill("SIGINT");
  assert.is((await attached.ended).code, 130);
  assert.is(rig.record().state, "detached");
  assert.ok(guests(rig).length > 0);
  const cancelled = await rig.pikaci("cancel", "latest");
  assert.is(cancelled.code, 0, cancelled.stderr);
  assert.match(cancelled.stderr, "nothing of endless is left on local");
  assert.equal(guests(rig), []);
  assert.equal([rig.record().status, rig.record().exit_code], ["cancelled", 130]);
  const over = await rig.pikaci("cancel", "latest");
  assert.match(over.stderr, "had already ended: cancelled");
});

test("a run without a record here is found on its host", async ({ rig }) => {
  await rig.pikaci("run", "--job", "failing", "--detach");
  const { run_id } = rig.record();
  rmSync(join(rig.dir, ".pikaci/runs"), { recursive: true });
  const unknown = await rig.pikaci("attach", run_id);
  assert.is(unknown.code, 2);
  const attached = await rig.pikaci("attach", run_id, "--on", "local");
  assert.is(attached.code, 1, attached.stderr);
  assert.is(rig.jobFile("failing", "guest.log"), "bad\n");
  const nothing = await rig.pikaci("attach", "20200101T000000Z-00000000", "--on", "local");
  assert.is(nothing.code, 3);
  assert.match(nothing.stderr, "is not on this host");
});

test("one job is cancelled, the other goes on; a run with a client is not attached to", async ({ rig }) => {
  const client = rig.start("run", "--job", "ticking", "--job", "endless");
  await eventually("both run", 60, () =>
    existsSync(join(rig.dir, ".pikaci/runs")) && rig.jobFile("endless", "guest.log").includes("begun")
      ? true
      : null,
  );
  const attached = await rig.pikaci("attach");
  assert.is(attached.code, 2);
  assert.match(attached.stderr, /has a client that follows it\n.*pikaci logs -f/);
  assert.is((await rig.pikaci("cancel", "latest", "--job", "nothing")).code, 2);
  const cancelled = await rig.pikaci("cancel", "latest", "--job", "endless");
  assert.is(cancelled.code, 0, cancelled.stderr);
  const ended = await client.ended;
  assert.is(ended.code, 130, ended.stderr);
  assert.is(jobOf(rig.record(), "ticking").result?.status, "passed");
  assert.is(jobOf(rig.record(), "endless").result?.status, "cancelled");
});

test("cancel reaches a client that follows its run", async ({ rig }) => {
  const client = rig.start("run", "--job", "endless");
  await eventually("it runs", 60, () =>
    existsSync(join(rig.dir, ".pikaci/runs")) && rig.jobFile("endless", "guest.log") !== "" ? true : null,
  );
  const cancelled = await rig.pikaci("cancel", "latest");
  assert.is(cancelled.code, 0, cancelled.stderr);
  assert.is((await client.ended).code, 130);
  assert.equal(guests(rig), []);
});

test("what a killed client's job had said and left is fetched by attach", async ({ rig }) => {
  const client = rig.start("run", "--job", "endless");
  await eventually("it runs", 60, () =>
    existsSync(join(rig.dir, ".pikaci/runs")) && rig.jobFile("endless", "guest.log") !== "" ? true : null,
  );
  client.child.kill("SIGKILL");
  await eventually("the guard has ended", 10, () =>
    existsSync(join(hostDirectory(rig, "endless"), "result.json")) ? true : null,
  );
  assert.match((await rig.pikaci("status")).stdout, "client was killed");
  const attached = await rig.pikaci("attach");
  assert.is(attached.code, 130, attached.stderr);
  assert.match(jobOf(rig.record(), "endless").result?.message ?? "", "the client went away");
});

test("a job that says nothing for too long is a timeout", async ({ rig }) => {
  const ran = await rig.pikaci("run", "--job", "silent");
  assert.is(ran.code, 124, ran.stderr);
  assert.match(jobOf(rig.record(), "silent").result?.message ?? "", /^silence: .* for 2 s/);
});

test.run();
