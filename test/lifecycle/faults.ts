import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabHost } from "../lab/host.ts";

export const FAULTS = [
  "client-kill",
  "client-term",
  "two-interrupts",
  "ssh-killed",
  "link-5s",
  "link-90s",
  "sshd-restart",
  "guard-kill",
  "guest-kill",
  "disk-full",
  "clock-step",
] as const;
export type Fault = (typeof FAULTS)[number];

const ENDINGS: Readonly<Record<Fault, readonly (number | null)[]>> = {
  "client-kill": [null],
  "client-term": [143, 0],
  "two-interrupts": [130],
  "ssh-killed": [0, 3],
  "link-5s": [0, 3],
  "link-90s": [0, 3],
  "sshd-restart": [0, 3],
  "guard-kill": [0, 3],
  "guest-kill": [0, 1, 3],
  "disk-full": [0, 3],
  "clock-step": [0],
};

/**
 * What a case may end with: exit codes of the client; null when a signal ended it. A job that was launched outlives a
 * network that is away for less than the lease, of which the last heartbeat and a new connection take some seconds.
 */
export function endings(fault: Fault, phase: string, lease: number): readonly (number | null)[] {
  const launched = ["booting", "running", "collecting"].includes(phase);
  const away = { "link-5s": 5, "link-90s": 90 }[fault as string] ?? lease;
  return launched && away < lease - 15 ? [0] : ENDINGS[fault];
}

/** Undoes what a fault has left. */
export async function heal(host: LabHost): Promise<void> {
  await host.delay(0);
  await host.exec(`rm -f /usr/local/bin/date ${host.homeDir}/filler`);
}

/** Does a fault. */
export async function hurt(fault: Fault, host: LabHost, client: ChildProcess): Promise<void> {
  switch (fault) {
    case "client-kill":
      client.kill("SIGKILL");
      return;
    case "client-term":
      client.kill("SIGTERM");
      return;
    case "two-interrupts":
      client.kill("SIGINT");
      await sleep(100);
      client.kill("SIGINT");
      return;
    case "ssh-killed":
      return killed(host, ({ args }) => /^sshd(-session)?: \w+(@notty)?$/.test(args));
    case "link-5s":
      return away(host, 5_000);
    case "link-90s":
      return away(host, 90_000);
    case "sshd-restart":
      await killed(host, ({ args }) => /^sshd(-session)?: |sshd -D/.test(args));
      await host.exec(
        "mkdir -p /run/sshd; setsid /usr/sbin/sshd -E /var/log/sshd.log </dev/null >/dev/null 2>&1",
      );
      return;
    case "guard-kill":
      return killed(host, ({ args }) => args.includes("guard-supervisor"));
    case "guest-kill":
      return killed(host, ({ args }) => /^(bwrap|sleep 8$|\S+qemu-system)/.test(args));
    case "disk-full":
      await host.exec(
        `head -c 8G /dev/zero >${host.homeDir}/filler 2>/dev/null; sleep 2; rm -f ${host.homeDir}/filler`,
      );
      return;
    case "clock-step":
      // A host of the lab shares this machine's clock: what its programs ask for is stepped.
      await host.exec(
        'printf \'#!/bin/sh\\nexec /usr/bin/date -d "+1 hour" "$@"\\n\' >/usr/local/bin/date; chmod 755 /usr/local/bin/date',
      );
  }
}

async function away(host: LabHost, ms: number): Promise<void> {
  await host.cut();
  await sleep(ms);
  await host.restore();
}

async function killed(host: LabHost, wanted: (process: { readonly args: string }) => boolean): Promise<void> {
  const pids = (await host.processes()).filter(wanted).map(({ pid }) => pid);
  await host.exec(`kill -9 ${pids.join(" ")}`);
}
