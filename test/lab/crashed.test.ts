// needs: lab
// time-limit: 400
// exhaustive: a Nix build in a store that the account builds in itself, too
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXHAUSTIVE } from "../exhaustive.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { type HostKind, type Lab, type LabHost, openLab } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { eventually, openRig, type Rig } from "./rig.ts";
import { verifyHost } from "./verify.ts";

const test = suite<{ lab: Lab; rig: Rig }>("lab/crashed");

/** As on a host whose kernel or util-linux does not end a guest with its guard. */
const HARMLESS: Readonly<Record<string, string>> = {
  setpriv: '[ "$1" != --pdeathsig ] || shift 2\ncase $1 in -*) exec /usr/bin/setpriv "$@" ;; esac\nexec "$@"',
  unshare:
    'for w; do shift; case $w in --kill-child*) ;; *) set -- "$@" "$w" ;; esac; done\nexec /usr/bin/unshare "$@"',
};

test.before(async (context) => {
  process.env.TMPDIR = makeDirectory();
  context.lab = await openLab(["single", "multi"], { machines: true });
  context.rig = openRig({ NIX_SSHOPTS: context.lab.sshOptions });
});

test.after(async ({ lab, rig }) => {
  rig.remove();
  removeWorkspaces();
  await lab.stop();
});

const isProgram = (args: string) => /^sh -c eval "\$\(head -c \d+\)"$/.test(args);

/** Kills all programs of pikaci's there at once, so that none can clean up after another. */
async function crash(host: LabHost): Promise<void> {
  const pids = (await host.processes()).filter(({ args }) => isProgram(args)).map(({ pid }) => pid);
  assert.ok(pids.length >= 2, `${pids.length} programs`);
  await host.exec(`kill -9 ${pids.join(" ")}`);
  await eventually("they are gone", 10, async () =>
    (await host.processes()).some(({ args }) => isProgram(args)) ? null : true,
  );
}

async function withHarmless(host: LabHost, work: () => Promise<void>): Promise<void> {
  for (const [name, text] of Object.entries(HARMLESS))
    await host.exec(
      `cat >/usr/local/bin/${name} <<'END'\n#!/bin/sh\n${text}\nEND\nchmod 755 /usr/local/bin/${name}`,
    );
  try {
    await work();
  } finally {
    await host.exec("rm /usr/local/bin/setpriv /usr/local/bin/unshare");
  }
}

const runners = {
  sandbox: "sandbox",
  derivation: "derivation",
  minivm: { backend: "minivm", vcpu: 1, memory: "512MiB" },
};
/** What is there as long as the guest is; a machine's own processes are not seen from outside. */
const signs = { sandbox: /^sleep 600/, derivation: /^sleep 600/, minivm: /^\S*qemu-system/ };

/** Nix builds with a daemon's store; in `npm run test:exhaustive` also with one that the account builds in itself. */
const chosen: Readonly<Record<HostKind, readonly (keyof typeof runners)[]>> = {
  single: EXHAUSTIVE ? ["sandbox", "derivation"] : ["sandbox"],
  multi: ["derivation", "minivm"],
};

for (const kind of ["single", "multi"] as const)
  for (const backend of chosen[kind])
    test(`${kind}: a guest of ${backend} that its guard left behind ends with the next session`, async ({
      lab,
      rig,
    }) => {
      const host = lab[kind];
      rig.configure({
        host: "there",
        hosts: { there: { url: host.url, lease: "6s" } },
        jobs: { x: { command: "echo begun; sleep 600 & sleep 600", runner: runners[backend] } },
      });
      const before = await leftNow(host);
      const guest = async () => (await host.processes()).some(({ args }) => signs[backend].test(args));
      await withHarmless(host, async () => {
        const { child, ended } = rig.start("run");
        await eventually("the guest is there", 60, async () => ((await guest()) ? true : null));
        await eventually("the job runs", 60, () =>
          rig.jobFile("x", "guest.log").startsWith("begun") ? true : null,
        );
        child.kill("SIGSTOP");
        await crash(host);
        child.kill("SIGKILL");
        await ended;
      });
      await new Promise((done) => setTimeout(done, 2000));
      assert.ok(await guest(), "the guest has outlived its guard");
      const { stdout, stderr } = await rig.pikaci("doctor", "--on", "there");
      assert.match(`${stdout}${stderr}`, /ended what crashed runs had left: \S+ \d+ processes/);
      assert.not.match(stdout, "not ended");
      await host.exec(`find ${host.homeDir}/.local/state/pikaci/runs -maxdepth 1 -exec touch -d -1hour {} +`);
      assert.is((await rig.pikaci("doctor", "--on", "there")).code, 0);
      await nothingLeft(host, before, 10);
    });

for (const kind of ["single", "multi"] as const)
  test(`${kind}: in the end its store and its published trees are whole`, ({ lab }) => verifyHost(lab[kind]));

test.run();
