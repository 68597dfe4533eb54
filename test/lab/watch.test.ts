// needs: lab
// time-limit: 500
import type { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LabContext, labSuite, openProject } from "./lab-suite.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { eventually, type Rig } from "./rig.ts";
import { verifyHost } from "./verify.ts";
import { startWatch } from "./watching.ts";

const test: ReturnType<typeof suite<LabContext>> = labSuite("pikaci watch over ssh");

/** Shorter ones may pass on a busy machine while nothing is wrong. */
const LEASE_SECONDS = 15;

/** A project on the host `multi`, whose client gives it up after some seconds of silence. */
function project(context: LabContext, jobs: object, more: object = {}): Rig {
  const rig = openProject(context);
  const { multi } = context.lab;
  rig.configure({
    host: "there",
    hosts: { there: { url: multi.url, lease: `${LEASE_SECONDS}s`, ...more } },
    jobs,
  });
  rig.write({ file: "1\n" });
  return rig;
}

const SHOW = { show: { command: "cat file" } };

test("all runs go over one connection, which ends with the watch, and nothing is left", async (context) => {
  const { multi } = context.lab;
  const rig = project(context, SHOW);
  const before = await leftNow(multi);
  await multi.resetCounts();
  const watch = startWatch(rig);
  await watch.answer(1);
  for (const round of [2, 3, 4]) {
    rig.write({ file: `${round}\n` });
    assert.is((await watch.answer(round)).status, "passed");
    assert.is(rig.jobFile("show", "guest.log"), `${round}\n`);
  }
  assert.is((await multi.counts()).connections, 1);
  // A burst of changes: sessions that were opened ahead and then not needed are ended, too.
  for (let at = 0; at < 5; at += 1) rig.write({ ".git/info/exclude": `${at}\n` });
  assert.is((await watch.stop()).code, 130);
  await nothingLeft(multi, before, 20);
});

test("a network that is away between runs: the connection is made again, and what changed meanwhile runs", async (context) => {
  const { multi } = context.lab;
  const rig = project(context, SHOW);
  const before = await leftNow(multi);
  const watch = startWatch(rig);
  await watch.answer(1);
  await multi.cut();
  await watch.says("is lost");
  rig.write({ file: "2\n" });
  await watch.says("trying again in", 2);
  await multi.restore();
  assert.is((await watch.answer(2)).status, "passed");
  assert.is(rig.jobFile("show", "guest.log"), "2\n");
  assert.match(watch.said(), /connected to \S+ again/);
  await watch.stop();
  await nothingLeft(multi, before, 30);
});

test("a network that goes away for longer than the lease while a job runs: the job runs again", async (context) => {
  const { multi } = context.lab;
  const rig = project(context, {
    slow: { command: `echo begun; sleep ${LEASE_SECONDS + 2}; cat file` },
  });
  const before = await leftNow(multi);
  const watch = startWatch(rig);
  await watch.says("slow │ begun");
  await multi.cut();
  assert.is((await watch.answer(1)).status, "infra");
  await multi.restore();
  assert.is((await watch.answer(2)).status, "passed");
  assert.is(rig.jobFile("slow", "guest.log"), "begun\n1\n");
  await watch.stop();
  await nothingLeft(multi, before, 30);
});

test("a host that cannot be reached at the start is waited for, and no run is recorded meanwhile", async (context) => {
  const { multi } = context.lab;
  const rig = project(context, SHOW);
  await multi.cut();
  const watch = startWatch(rig);
  await watch.says("trying again in");
  assert.is(watch.runs().length, 0);
  await multi.restore();
  assert.is((await watch.answer(1)).status, "passed");
  assert.is(watch.runs().length, 1);
  await watch.stop();
});

test("a host key that is not known is an error: exit 4", async (context) => {
  const rig = openProject(context, "-o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null");
  rig.configure({ host: "there", hosts: { there: { url: context.lab.multi.url } }, jobs: SHOW });
  const { child } = startWatch(rig);
  assert.is(await eventually("it has ended", 60, () => child.exitCode), 4);
});

test("a full disk is told; once there is room, the next change passes", async (context) => {
  const { multi } = context.lab;
  const disk = `${multi.homeDir}/small`;
  await multi.mountSmallDisk(disk, "24m");
  const rig = project(context, SHOW, { workDir: `${disk}/work` });
  const watch = startWatch(rig);
  await watch.answer(1);
  await multi.exec(`head -c 1G /dev/zero >${disk}/ballast`);
  rig.write({ file: "2\n" });
  assert.is((await watch.answer(2)).status, "infra");
  await watch.says("error:");
  // Nothing runs again by itself: there is no more room than before.
  await watch.says("show (✘ infra)");
  await multi.exec(`rm ${disk}/ballast`);
  rig.write({ file: "3\n" });
  assert.is((await watch.answer(3)).status, "passed");
  assert.is(rig.jobFile("show", "guest.log"), "3\n");
  await watch.stop();
});

test("SIGTERM while a job runs ends it, the connection and the client: 143", async (context) => {
  const { multi } = context.lab;
  const rig = project(context, { slow: { command: "echo begun; sleep 600" } });
  const before = await leftNow(multi);
  const watch = startWatch(rig);
  await watch.says("slow │ begun");
  assert.is((await watch.stop("SIGTERM")).code, 143);
  assert.is(rig.record().status, "cancelled");
  await nothingLeft(multi, before, 20);
});

test("kill -9 of the watch leaves nothing on its host", async (context) => {
  const { multi } = context.lab;
  const rig = project(context, { slow: { command: "echo begun; sleep 600" } });
  const before = await leftNow(multi);
  const watch = startWatch(rig);
  await watch.says("slow │ begun");
  watch.child.kill("SIGKILL");
  await nothingLeft(multi, before, 30);
});

test("in the end its store and its published trees are whole", ({ lab }) => verifyHost(lab.multi));

test.run();
