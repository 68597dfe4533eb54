// needs: lab
// time-limit: 600
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { type Lab, openLab } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { eventually, jobOf, openRig, type Rig } from "./rig.ts";
import { verifyHost } from "./verify.ts";

const test = suite<{ lab: Lab; rig: Rig }>("connections that break under a run");
const LINES = Array.from({ length: 30 }, (_, n) => `line ${n + 1}\n`).join("");

test.before(async (context) => {
  // Its own place for sockets: other suites have theirs open at the same time.
  process.env.TMPDIR = makeDirectory();
  context.lab = await openLab(["multi"]);
  context.rig = openRig({ NIX_SSHOPTS: context.lab.sshOptions });
  context.rig.configure({
    hosts: {
      patient: { url: context.lab.multi.url, lease: "40s" },
      hasty: { url: context.lab.multi.url, lease: "6s" },
    },
    jobs: {
      counting: {
        command: "for n in $(seq 30); do echo line $n; sleep 1; done; echo kept >/artifacts/file",
      },
    },
  });
});
test.after(async ({ lab, rig }) => {
  rig.remove();
  removeWorkspaces();
  await lab.stop();
});

async function started(rig: Rig, host: string) {
  const client = rig.start("run", "--on", host);
  await eventually("the job says something", 60, () => {
    try {
      return rig.record().state === "running" && rig.jobFile("counting", "guest.log") !== "" ? true : null;
    } catch {
      return null;
    }
  });
  return client;
}

test("a network that is away within the lease loses neither a line nor the verdict", async ({ lab, rig }) => {
  const before = await leftNow(lab.multi);
  const client = await started(rig, "patient");
  await lab.multi.cut();
  await sleep(20_000);
  await lab.multi.restore();
  const ended = await client.ended;
  assert.is(ended.code, 0, ended.stderr);
  assert.match(ended.stderr, "trying for 40 s to reach the host again");
  assert.is(rig.jobFile("counting", "guest.log"), LINES);
  assert.is(rig.jobFile("counting", "artifacts/file"), "kept\n");
  await nothingLeft(lab.multi, before, 20);
});

test("sshd that drops the connection ends the job, which is said with all that came before", async ({
  lab,
  rig,
}) => {
  const before = await leftNow(lab.multi);
  const client = await started(rig, "hasty");
  await lab.multi.exec("for p in $(pgrep -f 'sshd.*: ci' ); do kill -9 $p; done");
  const ended = await client.ended;
  assert.is(ended.code, 3, ended.stderr);
  assert.match(
    jobOf(rig.record(), "counting").result?.message ?? "",
    /^network: the connection to \S+ was lost, so the host ended the job$/,
  );
  assert.match(rig.jobFile("counting", "guest.log"), /^line 1\n/);
  await nothingLeft(lab.multi, before, 15);
});

test("a network that is away past the lease ends the job; attach fetches the rest later", async ({
  lab,
  rig,
}) => {
  const before = await leftNow(lab.multi);
  const client = await started(rig, "hasty");
  await lab.multi.cut();
  const ended = await client.ended;
  await sleep(3000);
  await lab.multi.restore();
  assert.is(ended.code, 3, ended.stderr);
  await nothingLeft(lab.multi, before, 15);
  assert.match(rig.jobFile("counting", "guest.log"), /^line 1\n/);
  const attached = await rig.pikaci("attach");
  assert.is(attached.code, 130, attached.stderr);
  assert.match(
    jobOf(rig.record(), "counting").result?.message ?? "",
    "nothing was heard of the client for 6 s",
  );
  assert.match(rig.jobFile("counting", "guest.log"), /^line 1\nline 2\nline 3\n/);
});

test("in the end its store and its published trees are whole", ({ lab }) => verifyHost(lab.multi));

test.run();
