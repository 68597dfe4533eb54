// needs: lab
// time-limit: 900
// exhaustive: kill -9 of the hypervisor
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { exhaustively } from "../exhaustive.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { type Lab, openLab } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { NIXOS, runNixosContract } from "./nixos-contract.ts";
import { lockOfStandIns } from "./nixos-stand-in.ts";
import { eventually, jobOf, openRig, type Rig } from "./rig.ts";
import { verifyHost } from "./verify.ts";

const test = suite<{ lab: Lab; rig: Rig }>("lab/microvm");

test.before(async (context) => {
  process.env.TMPDIR = makeDirectory();
  context.lab = await openLab(["multi"], { machines: true });
  context.rig = openRig({ NIX_SSHOPTS: context.lab.sshOptions });
  context.rig.write({ "flake.lock": await lockOfStandIns(context.lab.multi) });
});

test.after(async ({ lab, rig }) => {
  rig.remove();
  removeWorkspaces();
  await lab.stop();
});

function configure(rig: Rig, lab: Lab, jobs: object): void {
  rig.configure({
    ...{ host: "there", hosts: { there: { url: lab.multi.url, lease: "20s" } }, limits: { jobs: 2 } },
    ...{ flake: { files: ["flake.nix"] }, jobs },
  });
}

test("the job contract holds behind microvm.nix's attributes; all of it: npm run test:machines", async ({
  lab,
}) => {
  const names = ["private"];
  const { count, problems } = await runNixosContract(lab.multi, lab.sshOptions, 2, (name) =>
    names.includes(name),
  );
  assert.equal([count, problems], [names.length, []]);
});

test("a module of the project changes the guest; one that wants more of the host is refused", async ({
  lab,
  rig,
}) => {
  rig.write({
    "flake.nix": `{ outputs = { self, nixpkgs, ... }: {
      nixosModules.wide = { lib, ... }: { pikaci.guest.vcpu = lib.mkForce 2; };
      nixosModules.greedy.microvm.shares = [
        { tag = "etc"; proto = "virtiofs"; socket = "etc.sock"; source = "/etc"; mountPoint = "/etc"; readOnly = true; }
      ];
    }; }`,
  });
  configure(rig, lab, {
    wide: { command: '[ "$(nproc)" = 2 ]', runner: { ...NIXOS, modules: ["nixosModules.wide"] } },
    greedy: { command: "true", runner: { ...NIXOS, modules: ["nixosModules.greedy"] } },
  });
  const { code, stderr } = await rig.pikaci("run");
  assert.is(code, 3, stderr);
  assert.is(jobOf(rig.record(), "wide").result?.status, "passed", stderr);
  const { status, message } = jobOf(rig.record(), "greedy").result ?? {};
  assert.is(status, "infra");
  assert.match(message ?? "", /^host: the guest's modules want the share etc;/);
  await verifyHost(lab.multi);
});

exhaustively(test)(
  "kill -9 of the hypervisor is an infrastructure failure, and leaves nothing",
  async ({ lab, rig }) => {
    configure(rig, lab, { x: { command: "echo part >/artifacts/part; sleep 600", runner: NIXOS } });
    const before = await leftNow(lab.multi);
    const { ended } = rig.start("run");
    const artifacts = `ls ${lab.multi.homeDir}/.local/state/pikaci/runs/*/jobs/x/artifacts`;
    await eventually("the job runs", 240, async () =>
      (await lab.multi.exec(artifacts)).stdout.includes("part") ? true : null,
    );
    const found = (await lab.multi.processes()).find(({ args }) => /^\S*qemu-system-x86_64 -name/.test(args));
    await lab.multi.exec(`kill -9 ${found?.pid}`);
    assert.is((await ended).code, 3);
    const job = jobOf(rig.record(), "x");
    assert.match(job.result?.message ?? "", /^host: qemu ended without a verdict \(status 137\)/);
    assert.equal(
      job.artifacts.map(({ path }) => path),
      ["part"],
    );
    await nothingLeft(lab.multi, before, 10);
  },
);

test.run();
