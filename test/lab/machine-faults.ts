import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabHost } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { listProcesses } from "./processes.ts";
import { eventually, jobOf, openRig, type Rig } from "./rig.ts";

/** A bad day of a virtual machine, and how the run must end. */
export interface MachineFault {
  /** On the host, before the run. */
  readonly before?: string;
  /** On the host, afterwards. */
  readonly after?: string;
  readonly command?: string;
  readonly workDir?: string;
  readonly memory?: string;
  readonly workspace?: "private";
  readonly timeout?: string;
  /** Once the job has said something; without it the run ends by itself. */
  readonly harm?: (
    host: LabHost,
    client: { kill(signal: "SIGKILL" | "SIGSTOP"): unknown },
  ) => Promise<unknown>;
  /** Null: the client ended without a verdict. */
  readonly verdict: { readonly status: RegExp; readonly message: RegExp; readonly artifacts?: string } | null;
  /** Seconds after which nothing may be left: after the end of file, or after the lease of 6 s. */
  readonly gone: number;
}

const part = { artifacts: "part" };

/** Sends a signal to the first process of a host whose command line begins so. */
const signal = (name: "KILL" | "STOP", words: string) => async (host: LabHost) => {
  const found = (await host.processes()).find(({ args }) => args.startsWith(words));
  if (found === undefined) throw new Error(`no process ${words}`);
  await host.exec(`kill -${name} ${found.pid}`);
};

/** On the host; the guard says its own number. */
const killGuard = (host: LabHost) =>
  host.exec(
    `kill -9 $(sed -n 's/.*"guard_pid":\\([0-9]*\\).*/\\1/p' ${host.homeDir}/.local/state/pikaci/runs/*/jobs/x/state.json | tail -n 1)`,
  );

/** This machine's end of the connection. */
async function killSsh(host: LabHost): Promise<void> {
  for (const { pid, args } of listProcesses("/proc"))
    if (args.startsWith("ssh -M") && args.includes(host.address)) process.kill(pid, "SIGKILL");
}

async function awayPastLease(host: LabHost): Promise<void> {
  await host.cut();
  await sleep(15_000);
  await host.restore();
}

const small = {
  before: "mkdir -p /small && mount -t tmpfs -o size=8m small /small && chmod 777 /small",
  after: "umount -l /small",
  workDir: "/small/work",
} as const;
const modules = "/usr/lib/modules/*/kernel/fs/overlayfs";

export const MACHINE_FAULTS: Readonly<Record<string, MachineFault>> = {
  "kill -9 of QEMU": {
    harm: signal("KILL", "/usr/bin/qemu-system-x86_64"),
    verdict: { status: /^infra$/, message: /^host: QEMU ended without a verdict \(status 137\)/, ...part },
    gone: 10,
  },
  "kill -9 of virtiofsd": {
    harm: signal("KILL", "/usr/libexec/virtiofsd --socket-path=private/host"),
    verdict: {
      status: /^infra$/,
      message: /^host: the server of the machine's share or network ended/,
      ...part,
    },
    gone: 10,
  },
  "kill -9 of the client": {
    harm: async (_host, client) => client.kill("SIGKILL"),
    verdict: null,
    gone: 10,
  },
  "a client that is stopped": {
    harm: async (_host, client) => client.kill("SIGSTOP"),
    verdict: null,
    gone: 16,
  },
  "a machine that is stopped": {
    harm: signal("STOP", "/usr/bin/qemu-system-x86_64"),
    verdict: { status: /^infra$/, message: /^host: nothing was heard of the machine for \d+ s/, ...part },
    gone: 10,
  },
  "a disk full of artifacts": {
    ...small,
    command: "echo begun; head -c 30000000 /dev/zero >/artifacts/big; echo code $?; exit 7",
    verdict: { status: /^failed$/, message: /^exit 7$/, artifacts: "big" },
    gone: 10,
  },
  "a log without end": {
    ...small,
    command: "echo begun; echo part >/artifacts/part; yes",
    verdict: { status: /^infra$/, message: /^disk: the log could not be written: /, ...part },
    gone: 10,
  },
  "kill -9 of the guard": {
    harm: killGuard,
    verdict: { status: /^infra$/, message: /^host: the guard of this job was killed$/, ...part },
    gone: 10,
  },
  "kill -9 of ssh": {
    harm: killSsh,
    verdict: { status: /^infra$/, message: /^network: the connection to \S+ was lost/, ...part },
    gone: 10,
  },
  "a network that is away past the lease": {
    harm: awayPastLease,
    verdict: { status: /^infra$/, message: /^did not finish: the connection to \S+ was lost$/ },
    gone: 10,
  },
  "forks without end": {
    command: "echo begun; echo part >/artifacts/part; bomb() { bomb | bomb & bomb; }; bomb",
    timeout: "20s",
    // The machine's memory may end first.
    verdict: { status: /^(timeout|failed)$/, message: /^run: |out of memory|^exit/, ...part },
    gone: 10,
  },
  "files without end in a private workspace": {
    command: "echo part >/artifacts/part; cat /dev/zero >big; echo code $?; exit 7",
    workspace: "private",
    verdict: { status: /^failed$/, message: /^exit 7$/, ...part },
    gone: 10,
  },
  "a kernel that panics": {
    before: `mv /usr/bin/busybox /usr/bin/busybox.real
      printf '#!/bin/sh\\nexec /usr/bin/busybox.real "$@"\\n' >/usr/bin/busybox && chmod 755 /usr/bin/busybox`,
    after: "mv -f /usr/bin/busybox.real /usr/bin/busybox",
    memory: "200MiB",
    verdict: { status: /^infra$/, message: /^host: the machine's kernel panicked: / },
    gone: 10,
  },
  "a module that the kernel does not take": {
    before: `cd ${modules} && mv overlay.ko.xz /overlay.real && echo garbage >overlay.ko`,
    after: `cd ${modules} && rm overlay.ko && mv /overlay.real overlay.ko.xz`,
    workspace: "private",
    verdict: {
      status: /^infra$/,
      message: /^host: the machine did not boot: the kernel does not take the module \d+-overlay/,
    },
    gone: 10,
  },
};

/** What went otherwise than it has to, a line each. */
export async function hurtMachine(
  host: LabHost,
  sshOptions: string,
  fault: MachineFault,
): Promise<readonly string[]> {
  if (fault.before !== undefined) await host.exec(fault.before);
  const before = await leftNow(host);
  const rig = openRig({ NIX_SSHOPTS: sshOptions });
  rig.configure({
    host: "there",
    hosts: {
      there: {
        url: host.url,
        lease: "6s",
        ...(fault.workDir === undefined ? {} : { workDir: fault.workDir }),
      },
    },
    jobs: {
      x: {
        command: fault.command ?? "echo begun; echo part >/artifacts/part; sleep 600",
        runner: { backend: "minivm", vcpu: 1, memory: fault.memory ?? "512MiB" },
        timeout: fault.timeout ?? "10m",
        workspace: fault.workspace ?? "read-only",
      },
    },
  });
  try {
    const { child, ended } = rig.start("run");
    if (fault.harm !== undefined) {
      await eventually("the job runs", 90, () => (hasLog(rig) ? true : null));
      await fault.harm(host, child);
    }
    if (fault.verdict === null) {
      await nothingLeftOnHost(host, before, fault.gone);
      child.kill("SIGKILL");
      await ended;
      return [];
    }
    const { stderr } = await ended;
    await nothingLeft(host, before, fault.gone);
    return differences(rig, fault.verdict, stderr);
  } catch (error) {
    return [String(error)];
  } finally {
    if (fault.after !== undefined) await host.exec(fault.after);
    rig.remove();
  }
}

/** A client that is only stopped has its own ssh still. */
async function nothingLeftOnHost(host: LabHost, before: ReadonlySet<string>, seconds: number): Promise<void> {
  const own = [...(await leftNow(host))].filter((line) => line.startsWith("client"));
  await nothingLeft(host, new Set([...before, ...own]), seconds);
}

function hasLog(rig: Rig): boolean {
  return existsSync(join(rig.dir, ".pikaci/runs")) && rig.jobFile("x", "guest.log") !== "";
}

function differences(
  rig: Rig,
  verdict: NonNullable<MachineFault["verdict"]>,
  stderr: string,
): readonly string[] {
  const { result, artifacts } = jobOf(rig.record(), "x");
  const paths = artifacts.map(({ path }) => path).join(" ");
  const wrong = [
    ...(verdict.status.test(result?.status ?? "") ? [] : [`its status is ${result?.status}`]),
    ...(verdict.message.test(result?.message ?? "") ? [] : [`its message is ${result?.message}`]),
    ...(paths === (verdict.artifacts ?? "") ? [] : [`its artifacts are ${paths}`]),
  ];
  return wrong.length === 0 ? [] : [...wrong, stderr.slice(-1500)];
}
