// needs: lab
// time-limit: 400
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import {
  CONTRACT_SECRET,
  configured,
  contractJobs,
  contractMismatches,
  type Expected,
  writeContractFiles,
} from "./job-contract.ts";
import { type Lab, openLab } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { lockOfStandIns } from "./nixos-stand-in.ts";
import { jobOf, openRig, type Rig } from "./rig.ts";
import { verifyHost } from "./verify.ts";

const test = suite<{ lab: Lab; rig: Rig; lock: string }>("lab/microvm");
const runner = { backend: "microvm", vcpu: 1, memory: "512MiB" };

test.before(async (context) => {
  process.env.TMPDIR = makeDirectory();
  context.lab = await openLab(["multi"], { machines: true });
  context.lock = await lockOfStandIns(context.lab.multi);
  context.rig = openRig({ NIX_SSHOPTS: context.lab.sshOptions, CONTRACT_SECRET });
  context.rig.write({ "flake.lock": context.lock });
});

test.after(async ({ lab, rig }) => {
  rig.remove();
  removeWorkspaces();
  await lab.stop();
});

function configure(rig: Rig, lab: Lab, jobs: object): void {
  rig.configure({
    ...{ host: "there", hosts: { there: { url: lab.multi.url, lease: "20s" } }, limits: { jobs: 2 } },
    jobs,
  });
}

test("the job contract holds behind microvm.nix's attributes; all of it: npm run test:machines", async ({
  lab,
  rig,
}) => {
  const before = await leftNow(lab.multi);
  writeContractFiles(rig);
  const names = ["pass", "forger"];
  const jobs: Readonly<Record<string, Expected>> = Object.fromEntries(
    Object.entries(contractJobs).filter(([name]) => names.includes(name)),
  );
  configure(rig, lab, configured(jobs, runner));
  const { stderr } = await rig.pikaci("run");
  assert.equal(contractMismatches(rig, jobs), [], stderr);
  assert.is(jobOf(rig.record(), "pass").runner?.backend, "microvm");
  await nothingLeft(lab.multi, before, 10);
  await verifyHost(lab.multi);
});

test.run();
