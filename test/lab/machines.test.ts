// needs: lab
// time-limit: 1200
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Examined } from "../../src/operations/doctor/examine.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { type Greeter, nearOf, openGreeter } from "./greeter.ts";
import {
  CONTRACT_SECRET,
  configured,
  contractMismatches,
  contractOf,
  type Expected,
  rowsNamed,
  writeContractFiles,
} from "./job-contract.ts";
import { type Lab, type LabHost, openLab } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { hurtMachine, MACHINE_FAULTS } from "./machine-faults.ts";
import { machineJobs } from "./machine-jobs.ts";
import { jobOf, openRig, type Rig } from "./rig.ts";
import { sightings } from "./secret-watch.ts";
import { verifyHost } from "./verify.ts";

const test = suite<{ lab: Lab; rig: Rig; greeter: Greeter }>("lab/machines");
const KERNEL_SH = resolve(import.meta.dirname, "../../nix/runners/minivm/tree/lib/kernel.sh");
const runner = { backend: "minivm", vcpu: 1, memory: "512MiB" };

test.before(async (context) => {
  process.env.TMPDIR = makeDirectory();
  context.lab = await openLab(["single", "multi"], { machines: true });
  context.rig = openRig({ NIX_SSHOPTS: context.lab.sshOptions, CONTRACT_SECRET });
  writeContractFiles(context.rig);
  context.greeter = await openGreeter();
});

test.after(async ({ lab, rig, greeter }) => {
  greeter.close();
  rig.remove();
  removeWorkspaces();
  await lab.stop();
});

function configure(rig: Rig, host: LabHost, jobs: object): void {
  rig.configure({
    host: "there",
    hosts: { there: { url: host.url, lease: "6s" } },
    limits: { jobs: 2 },
    jobs,
  });
}

const chosen: Readonly<Record<"single" | "multi", readonly string[]>> = {
  single: ["forger", "secret", "hands-on", "hands-nothing", "handed", "flaky-secret"],
  multi: ["timeout", "private", "service"],
};

for (const kind of ["single", "multi"] as const) {
  test(`the job contract holds in virtual machines on the host ${kind}; all of it: npm run test:machines`, async ({
    lab,
    rig,
    greeter,
  }) => {
    const host = lab[kind];
    const before = await leftNow(host);
    await host.exec("bash -c 'exec 3<>/dev/tcp/127.0.0.1/22'");
    const all: Readonly<Record<string, Expected>> = {
      ...contractOf("minivm", "quick"),
      ...machineJobs({ address: nearOf(host), port: greeter.port }),
    };
    const jobs = rowsNamed(all, chosen[kind]);
    configure(rig, host, configured(jobs, runner));
    const run = async () => void (await rig.pikaci("run"));
    assert.equal(await sightings(host, CONTRACT_SECRET, run), []);
    assert.equal(contractMismatches(rig, jobs), []);
    assert.is(rig.record().state, "finished");
    if (kind === "multi") assert.is(jobOf(rig.record(), "private").workspace, "overlay");
    await nothingLeft(host, before, 10);
  });
}

test("source, command, timeout, environment and that `auto` chose it change no runner; memory does", async ({
  lab,
  rig,
}) => {
  const built = async (text: string, job: object) => {
    rig.write({ file: text });
    configure(rig, lab.single, { x: { command: "cat file", runner, ...job } });
    const { code, stderr } = await rig.pikaci("run");
    assert.is(code, 0, stderr);
    const used = jobOf(rig.record(), "x").runner;
    assert.is(used?.backend, "minivm");
    return [/minivm (\w+)/.exec(stderr)?.[1], used?.content_hash];
  };
  const [, first] = await built("one\n", {});
  const auto = {
    timeout: "9m",
    env: { A: "b" },
    command: "cat file file",
    runner: { ...runner, backend: "auto" },
  };
  assert.equal(await built("two\n", auto), ["reused", first]);
  const [outcome, other] = await built("two\n", { runner: { ...runner, memory: "500MiB" } });
  assert.is(outcome, "built");
  assert.is.not(other, first);
});

test("where there is no machine, auto takes the sandbox, with the reason", async ({ lab, rig }) => {
  configure(rig, lab.single, { x: { command: "true", runner: { ...runner, backend: "auto" } } });
  await lab.single.exec("chmod a-x /usr/bin/qemu-system-x86_64");
  const { code, stderr } = await rig.pikaci("run");
  await lab.single.exec("chmod a+x /usr/bin/qemu-system-x86_64");
  assert.is(code, 0, stderr);
  assert.is(jobOf(rig.record(), "x").runner?.backend, "sandbox");
  assert.match(stderr, /x in sandbox, not in minivm: QEMU is missing, which a virtual machine needs$/m);
});

test("a limit that the host cannot enforce is in the record, and a warning", async ({ lab, rig }) => {
  configure(rig, lab.single, {
    x: { command: "true", limits: { memory: "1GiB", openFiles: 99, processes: 9 } },
  });
  const { code, stderr } = await rig.pikaci("run");
  assert.is(code, 0, stderr);
  assert.match(stderr, "cannot enforce these limits of x: memory, processes");
  assert.equal(jobOf(rig.record(), "x").limits_unenforced, ["memory", "processes"]);
});

/** What the launcher makes of each image, in a directory of its own. */
const UNPACK = `
  cd "$(mktemp -d)" && cp /tmp/kernel.sh . && mkdir private
  tree=. machine_kernel=none; . ./kernel.sh
  try() { rm -f private/*; machine_kernel=$1; unpack_kernel 2>/dev/null; echo "$1 $? $(ls private)"; }
  cp "$(ls /boot/vmlinuz-* /usr/lib/modules/*/vmlinuz 2>/dev/null | head -n 1)" image
  head -c 5000000 image >cut; echo text >text
  for one in cut text missing image; do try "$one"; done
  LC_ALL=C sed 's/Xen\\x00/Xon\\x00/g' private/kernel >noteless; has_entry noteless || echo refused`;

for (const kind of ["single", "multi"] as const)
  test(`${kind}: a kernel is unpacked ahead where QEMU can enter it; any other the machine unpacks`, async ({
    lab,
  }) => {
    copyFileSync(KERNEL_SH, join(lab[kind].rootDir, "tmp/kernel.sh"));
    const { stdout, stderr } = await lab[kind].exec(UNPACK);
    assert.is(stdout, "cut 1 unpacked\ntext 1 \nmissing 1 \nimage 0 kernel\nrefused\n", stderr);
  });

for (const name of ["kill -9 of QEMU", "kill -9 of the client"])
  test(`${name} has its verdict, and leaves nothing; more: npm run test:machines`, async ({ lab }) => {
    const fault = MACHINE_FAULTS[name];
    assert.ok(fault);
    assert.equal(await hurtMachine(lab.multi, lab.sshOptions, fault), []);
  });

test("doctor boots a guest with KVM, and says what came of it", async ({ lab, rig }) => {
  configure(rig, lab.single, { a: { command: "true" } });
  const said = async () => {
    const { stdout } = await rig.pikaci("doctor", "--json", "--on", "there");
    const [, host] = JSON.parse(stdout) as Examined[];
    return host?.findings.find(({ check }) => check === "kvm")?.said ?? "nothing";
  };
  await lab.single.exec("rm -f /dev/kvm");
  assert.match(await said(), "there is no /dev/kvm");
  // A device that opens and is no KVM: what it cannot do, QEMU says.
  await lab.single.exec("mknod -m 666 /dev/kvm c 1 3");
  assert.match(await said(), "/dev/kvm opens, but no guest boots with it");
  await lab.single.exec("rm /dev/kvm");
});

for (const kind of ["single", "multi"] as const)
  test(`${kind}: in the end its store and its published trees are whole`, ({ lab }) => verifyHost(lab[kind]));

test.run();
