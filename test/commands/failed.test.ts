// needs: nix
// time-limit: 300
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("run --failed");
test.before.each((context) => {
  context.rig = openRig({});
  context.rig.write({ verdict: "exit 3" });
  configure(context.rig, {
    good: { command: "true" },
    bad: { command: "sh verdict" },
    worse: { command: "exit 4" },
  });
});
test.after.each(({ rig }) => rig.remove());

function configure(rig: Rig, jobs: object): void {
  const names = Object.keys(jobs);
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs,
    targets: { default: { jobs: names }, one: { jobs: names.slice(0, 1) } },
  });
}

async function jobsOf(rig: Rig, code: number, ...args: string[]): Promise<string[]> {
  const ended = await rig.pikaci("run", "-q", ...args);
  assert.is(ended.code, code, ended.stderr);
  return rig.record().jobs.map(({ job, result }) => `${job} ${result?.status}`);
}

test("what did not pass last time, on the tree as it is now", async ({ rig }) => {
  await rig.pikaci("run", "-q");
  const before = rig.record().run_id;
  rig.write({ verdict: "true" });
  assert.equal(await jobsOf(rig, 1, "--failed"), ["bad passed", "worse failed"]);
  assert.is(rig.record().target, "default");
  assert.equal(await jobsOf(rig, 1, "--failed"), ["worse failed"]);
  const dry = await rig.pikaci("run", "--failed", "--dry-run");
  assert.match(dry.stdout, /^target default on local\nexecute worse /);
  assert.ok(rig.record().run_id > before);

  configure(rig, { good: { command: "true" } });
  const gone = await rig.pikaci("run", "--failed");
  assert.is(gone.code, 2);
  assert.match(gone.stderr, /worse failed in run \S+, and the configuration no longer has any of them/);
  assert.match((await rig.pikaci("run", "one", "--failed")).stderr, "no finished run of the target one");
});

test("where nothing ran or failed there is nothing to run, and no run", async ({ rig }) => {
  const none = await rig.pikaci("run", "--failed");
  assert.equal([none.code, none.stderr.split("\n")[0]], [2, "error: there is no finished run here"]);
  assert.equal(await jobsOf(rig, 0, "one"), ["good passed"]);
  const good = rig.record().run_id;
  const ended = await rig.pikaci("run", "one", "--failed");
  assert.is(ended.code, 2);
  assert.match(ended.stderr, `run ${good} has no failed job`);
  assert.is(rig.record().run_id, good);
});

test("--shell-on-failure is refused without a terminal, before anything runs", async ({ rig }) => {
  const { code, stderr } = await rig.pikaci("run", "--shell-on-failure");
  assert.is(code, 2);
  assert.match(stderr, "--shell-on-failure needs a terminal");
  assert.throws(() => rig.record());
});

test.run();
