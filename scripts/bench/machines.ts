import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type LabHost, openLab } from "../../test/lab/lab.ts";
import { openRig, type Rig } from "../../test/lab/rig.ts";
import { median } from "./median.ts";

const MACHINE = { backend: "minivm", vcpu: 1, memory: "512MiB" };

/** The machine's kernel and a busybox alone, from QEMU's start to the first word of a program in it. */
const BARE = `
cd "$(mktemp -d)" && mkdir -p root/bin && cp /usr/bin/busybox root/bin/
printf '#!/bin/busybox sh\\n/bin/busybox mount -t devtmpfs d /dev\\necho up >/dev/ttyS1\\n/bin/busybox poweroff -f\\n' >root/init
chmod 755 root/init; mkdir root/dev; (cd root && find . | busybox cpio -o -H newc 2>/dev/null) >initrd
mkfifo said; began=$(date +%s%3N)
qemu-system-x86_64 -nodefaults -no-user-config -display none -vga none -no-reboot -m 512M -smp 1 -M pc,usb=off \\
  -accel tcg -cpu max,la57=off -kernel /boot/vmlinuz-* -initrd initrd -serial null -serial file:said \\
  -append "console=ttyS0 panic=-1 quiet mitigations=off cryptomgr.notests apparmor=0 audit=0" </dev/null >/dev/null 2>&1 &
read -r word <said; echo "$(($(date +%s%3N) - began))"; cat said >/dev/null; wait`;

async function bareBoot(host: LabHost): Promise<number> {
  const { stdout, stderr, exitCode } = await host.exec(BARE);
  if (exitCode !== 0) throw new Error(`the bare boot failed: ${stderr}`);
  return Number(stdout);
}

interface Timing {
  /** From a job's launch to its first output, the longest. */
  readonly firstOutput: number;
  /** From the first launch to the last verdict. */
  readonly all: number;
}

async function timeRun(rig: Rig, host: LabHost, runner: unknown, jobs: number): Promise<Timing> {
  const names = Array.from({ length: jobs }, (_, n) => `job${n}`);
  rig.configure({
    ...{ host: "there", hosts: { there: { url: host.url } }, limits: { jobs } },
    jobs: Object.fromEntries(names.map((name) => [name, { command: "echo up", runner, cache: "never" }])),
  });
  const { code, stderr } = await rig.pikaci("run", "-q");
  if (code !== 0) throw new Error(stderr);
  const lines = readFileSync(join(rig.dir, ".pikaci/runs", rig.record().run_id, "events.jsonl"), "utf8");
  const events = lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { at: string; type: string; job?: string; phase?: string });
  const at = (job: string, type: string, phase?: string) => {
    const event = events.find((one) => one.job === job && one.type === type && one.phase === phase);
    return Date.parse(event?.at ?? "");
  };
  const launched = names.map((name) => at(name, "job-phase", "launching"));
  return {
    firstOutput: Math.max(...names.map((name, n) => at(name, "job-log") - (launched[n] ?? Number.NaN))),
    all: Math.max(...names.map((name) => at(name, "job-finished"))) - Math.min(...launched),
  };
}

/** What a guest costs until the job's first output, and two machines beside one; medians, the bare boot beside them. */
export async function benchMachines(repeat: number): Promise<void> {
  const lab = await openLab(["single"], { machines: true });
  const rig = openRig({ NIX_SSHOPTS: lab.sshOptions });
  const host = lab.single;
  const taken: Record<string, number[]> = {};
  const note = (name: string, value: number) => {
    taken[name] = [...(taken[name] ?? []), value];
  };
  try {
    rig.write({ file: "content\n" });
    for (const runner of ["sandbox", MACHINE]) await timeRun(rig, host, runner, 1);
    for (let round = 0; round < repeat; round += 1) {
      note("bare boot: QEMU's start to a program's first word", await bareBoot(host));
      note("sandbox: launch to first output", (await timeRun(rig, host, "sandbox", 1)).firstOutput);
      const one = await timeRun(rig, host, MACHINE, 1);
      note("minivm: launch to first output", one.firstOutput);
      note("one minivm: launch to verdict", one.all);
      note("two minivms at once: launch to verdicts", (await timeRun(rig, host, MACHINE, 2)).all);
    }
  } finally {
    rig.remove();
    await lab.stop();
  }
  console.table(
    Object.entries(taken).map(([what, values]) => ({ what, "median ms": median(values), of: values.length })),
  );
}
