// needs: lab
// time-limit: 600
// exhaustive: caches in a virtual machine over 9p, too
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CacheUse } from "../../src/core/job-result.ts";
import { chosenRows } from "../exhaustive.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { type Lab, type LabHost, openLab } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { eventually, jobOf, openRig, type Rig } from "./rig.ts";

const test = suite<{ lab: Lab; rig: Rig }>("lab/job-caches");
const WORK = "/work";

test.before(async (context) => {
  process.env.TMPDIR = makeDirectory();
  context.lab = await openLab(["single", "multi"], { machines: true });
  context.rig = openRig({ NIX_SSHOPTS: context.lab.sshOptions });
  context.rig.write({ "a.in": "one\n" });
});

test.after(async ({ lab, rig }) => {
  rig.remove();
  removeWorkspaces();
  await lab.stop();
});

const caches = ["x"];
const jobs = {
  fill: { command: "cd /cache/x && echo one >a && mkdir -p d/e && touch d/e/f && chmod 0 d", caches },
  refill: {
    command: "cd /cache/x && rm new-2 && echo one >a && mkdir -p d/e && touch d/e/f && chmod 0 d",
    caches,
  },
  change: { command: "cd /cache/x && cat a && echo two >a && rm -r d", caches },
  look: { command: "cd /cache/x && find . | sort && cat a", caches },
  big: { command: "head -c 40000000 /dev/urandom >/cache/x/big", caches },
  again: {
    command:
      "cd /cache/x && find . | sort && cat a && echo three >a && rm -r d && touch new-$PIKACI_ATTEMPT && [ $PIKACI_ATTEMPT = 2 ]",
    retries: 1,
    caches,
  },
  slow: { command: "echo lost >/cache/x/a; echo began; sleep 600", caches },
};

function configure(rig: Rig, host: LabHost, workDir: string | undefined, more: object): void {
  rig.configure({ host: "there", hosts: { there: { url: host.url, workDir, lease: "6s" } }, jobs: more });
}

async function run(rig: Rig, job: string): Promise<[string, CacheUse | undefined, string]> {
  const { code, stderr } = await rig.pikaci("run", "--job", job);
  assert.is(code, 0, stderr);
  return [rig.jobFile(job, "guest.log"), jobOf(rig.record(), job).result?.caches?.x, stderr];
}

/** The second attempt finds what was saved before the first, and only what it makes of that is saved. */
async function runAgain(rig: Rig, view: CacheUse["view"]): Promise<void> {
  const [seen, use] = await run(rig, "again");
  assert.equal([use?.view, use?.saved], [view, "saved"]);
  const [first, second] = seen.split(/──.*──\n/);
  assert.equal([first, second], [FULL, FULL]);
  assert.is((await run(rig, "look"))[0], ".\n./a\n./new-2\nthree\n");
  await run(rig, "refill");
}

const FULL = ".\n./a\n./d\n./d/e\n./d/e/f\none\n";

test("an ordinary account has copies where its disk takes no overlay, and nothing is left", async ({
  lab,
  rig,
}) => {
  const before = await leftNow(lab.multi);
  await lab.multi.exec("mkdir /copies && chown ci: /copies");
  configure(rig, lab.multi, "/copies", jobs);
  await run(rig, "fill");
  const [seen, use] = await run(rig, "look");
  assert.equal([seen, use?.view], [FULL, "copy"]);
  await runAgain(rig, "copy");
  assert.is((await run(rig, "change"))[0], "one\n");
  assert.is((await run(rig, "look"))[0], ".\n./a\ntwo\n");
  await nothingLeft(lab.multi, before, 10);
});

test("an ordinary account has overlays where its disk takes them; a full disk keeps what was saved", async ({
  lab,
  rig,
}) => {
  await lab.multi.mountSmallDisk(WORK, "64m");
  configure(rig, lab.multi, WORK, jobs);
  await run(rig, "fill");
  const [seen, use] = await run(rig, "look");
  assert.equal([seen, use?.view], [FULL, "overlay"]);
  await runAgain(rig, "overlay");
  assert.is((await run(rig, "change"))[1]?.saved, "saved");
  await run(rig, "big");
  await lab.multi.exec(`head -c 10000000 /dev/zero >${WORK}/fill`);
  const full = await rig.pikaci("run", "--job", "big");
  assert.ok([1, 3].includes(full.code ?? 0), full.stderr);
  assert.is(jobOf(rig.record(), "big").result?.caches?.x?.saved, "kept");
  await lab.multi.exec(`rm ${WORK}/fill`);
  assert.is((await run(rig, "look"))[0], ".\n./a\n./big\ntwo\n");
  await lab.multi.exec(`umount -l ${WORK}`);
});

test("what a killed guard leaves is what was saved before, and its locks are free", async ({ lab, rig }) => {
  configure(rig, lab.single, undefined, jobs);
  await run(rig, "fill");
  const slow = rig.start("run", "--job", "slow");
  await eventually("it runs", 90, () => (rig.jobFile("slow", "guest.log") === "began\n" ? true : null));
  const guards = (await lab.single.processes()).filter(({ args }) => args.includes("guard-supervisor"));
  assert.ok(guards.length > 0);
  await lab.single.exec(
    "for s in /root/.local/state/pikaci/runs/*/jobs/slow/state.json; do kill -9 $(sed -n 's/.*guard_pid\":\\([0-9]*\\).*/\\1/p' $s); done",
  );
  assert.is((await slow.ended).code, 3);
  const [seen, use] = await run(rig, "look");
  assert.equal([seen, use?.turn], [FULL, "alone"]);
});

test("collection takes a cache that is old, and never one that a job has", async ({ lab, rig }) => {
  configure(rig, lab.single, undefined, jobs);
  await run(rig, "fill");
  const slow = rig.start("run", "--job", "slow");
  await eventually("it runs", 90, () => (rig.jobFile("slow", "guest.log") === "began\n" ? true : null));
  const aged =
    'date() { [ "$*" != +%s ] || { echo $(($(/usr/bin/date +%s) + 7200)); return; }; /usr/bin/date "$@"; }';
  const gc = async () => {
    await lab.single.exec(
      `printf '#!/bin/bash\\n%s\\ndate "$@"\\n' '${aged}' >/usr/local/bin/date; chmod +x /usr/local/bin/date`,
    );
    const ended = await rig.pikaci("gc", "--max-size", "1kB", "--keep-last", "0");
    await lab.single.exec("rm /usr/local/bin/date");
    assert.is(ended.code, 0, ended.stderr);
    return (await lab.single.exec("ls /root/.local/state/pikaci/cache")).stdout;
  };
  assert.match(await gc(), "@x@sandbox");
  slow.child.kill("SIGINT");
  assert.is((await slow.ended).code, 130);
  assert.is(await gc(), "");
  assert.is((await run(rig, "fill"))[1]?.view, "empty");
});

test("a virtual machine has them too: make builds what changed and nothing else", async ({ lab, rig }) => {
  const runner = { backend: "minivm", vcpu: 1, memory: "512MiB" };
  const command = `out=/cache/x/a; [ $out -nt a.in ] || { echo made; cp a.in $out; }; cat $out`;
  for (const [transport, mode] of chosenRows({ virtiofs: "a+x", "9p": "a-x" }, ["virtiofs"])) {
    await lab.multi.exec(`chmod ${mode} /usr/libexec/virtiofsd`);
    const inMachine = {
      vm: { command: command.replaceAll("/cache/x", `/cache/${transport}`), caches: [transport], runner },
    };
    configure(rig, lab.multi, undefined, inMachine);
    rig.write({ "a.in": "one\n" });
    assert.is((await run(rig, "vm"))[0], "made\none\n", transport);
    rig.write({ "a.in": "two\n" });
    assert.is((await run(rig, "vm"))[0], "made\ntwo\n", transport);
  }
  await lab.multi.exec("chmod a+x /usr/libexec/virtiofsd");
});

test.run();
