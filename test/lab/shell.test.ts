// needs: lab tmux
// time-limit: 900
// exhaustive: pipes, what failed and kill -9 of the client in a virtual machine, too
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chosenRows } from "../exhaustive.ts";
import { enterLine, openClient } from "../report/tmux.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { type Lab, type LabHost, openLab } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { eventually, openRig, type Rig } from "./rig.ts";

const test = suite<{ lab: Lab; rig: Rig }>("lab/shell");
const machine = { backend: "minivm", vcpu: 1, memory: "512MiB" };
const ofBackends = chosenRows({ sandbox: "sandbox", minivm: machine }, ["sandbox"]);

test.before(async (context) => {
  process.env.TMPDIR = makeDirectory();
  context.lab = await openLab(["single", "multi"], { machines: true });
  process.env.NIX_SSHOPTS = context.lab.sshOptions;
  context.rig = openRig({});
  context.rig.write({ file: "content\n", "tool/it": "prepared\n" });
});

test.after(async ({ lab, rig }) => {
  rig.remove();
  removeWorkspaces();
  await lab.stop();
});

function configure(rig: Rig, host: LabHost, runner: unknown, command = "cat file"): void {
  rig.configure({
    host: "there",
    hosts: { there: { url: host.url, lease: "6s" } },
    jobs: { x: { command, prepare: { tool: { path: "tool", at: "put/tool" } }, env: { A: "b c" }, runner } },
  });
}

for (const [kind, backend, runner] of [
  ["multi", "sandbox", "sandbox"],
  ["multi", "minivm", machine],
] as const)
  test(`${kind}: a shell in ${backend} is a terminal: size, Ctrl-C, exit code; everything is mounted`, async ({
    lab,
    rig,
  }) => {
    const host = lab[kind];
    configure(rig, host, runner);
    const before = await leftNow(host);
    const pane = openClient(rig, "shell x");
    try {
      await pane.shows("x:/workspace$");
      await enterLine(pane, 'cat file put/tool/it; echo "<$A> <$PIKACI_JOB>"', "<b c> <x>");
      assert.match(pane.screen(), /^content\nprepared\n/m);
      await enterLine(pane, "tty; stty size", "24 90");
      assert.match(pane.screen(), /^\/dev\/pts\/\d+$/m);
      pane.resize(70, 20);
      await eventually("the guest knows the new size", 120, async () => {
        await enterLine(pane, "stty size", "stty size");
        return pane.screen().includes("20 70") ? true : null;
      });
      await enterLine(pane, "echo asleep; sleep 600", "\nasleep");
      pane.press("C-c");
      await enterLine(pane, "echo awake $((6 * 7))", "awake 42");
      await enterLine(pane, "exit 9", "code 9");
      await pane.shows("restored");
    } finally {
      pane.close();
    }
    await nothingLeft(host, before, 10);
    assert.not.match((await rig.pikaci("list")).stdout, host.url);
  });

for (const [backend, runner] of ofBackends)
  test(`pipes go through ${backend}, byte by byte, with the exit code`, async ({ lab, rig }) => {
    configure(rig, lab.multi, runner);
    const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, index) => index % 256));
    const { child, ended } = rig.startPiped("shell", "-q", "x", "--", "sh", "-c", "sha256sum; exit 5");
    child.stdin?.end(bytes);
    const { createHash } = await import("node:crypto");
    const { code, stdout, stderr } = await ended;
    assert.is(stdout, `${createHash("sha256").update(bytes).digest("hex")}  -\n`, stderr);
    assert.is(code, 5);
  });

for (const [backend, runner] of ofBackends)
  test(`what a job of ${backend} left when it failed is entered over ssh`, async ({ lab, rig }) => {
    configure(rig, lab.multi, runner, "cat /prepared/tool/it >/artifacts/part; exit 3");
    const before = await leftNow(lab.multi);
    const run = await rig.pikaci("run", "-q", "--keep-failed", "10m");
    assert.is(run.code, 1, run.stderr);
    const look = "cat file /artifacts/part put/tool/it; echo more >/artifacts/more";
    const { code, stdout, stderr } = await rig.pikaci(
      ...["shell", "-q", "x", "--run", "latest", "--", "sh", "-c", look],
    );
    assert.equal([code, stdout], [0, "content\nprepared\nprepared\n"], stderr);
    const job = `${lab.multi.homeDir}/.local/state/pikaci/runs/${rig.record().run_id}/jobs/x`;
    const left = await lab.multi.exec(`cd ${job} && ls artifacts`);
    assert.is(left.stdout, "more\npart\n");
    await nothingLeft(lab.multi, before, 10);
  });

for (const [who, runner] of ofBackends)
  test(`kill -9 of the client ends a shell in ${who} within seconds`, async ({ lab, rig }) => {
    configure(rig, lab.multi, runner);
    const before = await leftNow(lab.multi);
    const { child, ended } = rig.start("shell", "-q", "x", "--", "sh", "-c", "echo begun; sleep 600");
    child.stdout?.once("data", () => child.kill("SIGKILL"));
    assert.match((await ended).stdout, /^begun/);
    await nothingLeft(lab.multi, before, 10);
  });

test("Enter ~ . leaves a shell of which the host says nothing any more", async ({ lab, rig }) => {
  configure(rig, lab.single, "sandbox");
  const before = await leftNow(lab.single);
  const pane = openClient(rig, "shell x");
  try {
    await pane.shows("x:/workspace$");
    await enterLine(pane, "exec sleep 600", "exec sleep 600");
    pane.press("C-z");
    pane.press("Enter");
    pane.type("~.");
    await pane.shows("code 130");
    await pane.shows("restored");
  } finally {
    pane.close();
  }
  await nothingLeft(lab.single, before, 10);
});

test.run();
