import { existsSync } from "node:fs";
import { must, run, waitFor } from "./command.ts";
import { type DelayLine, openDelayLine } from "./delay.ts";

const SLOTS = 1 << 14;
const TRIES = 64;
const HOST_DEVICE = "eth0";
const HOST_DELAY_DEVICE = "lag0";

/** The wire between this machine and one host: a veth pair with a /30 of its own. */
export interface Link {
  readonly address: string;
  /** Takes the network away without a word to either side; what is sent is lost. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Adds this many milliseconds to every round trip; 0 removes the delay. */
  delay(milliseconds: number): Promise<void>;
  /** Waits until the kernel has taken the device of a host that ended. */
  close(): Promise<void>;
}

/** The /30 of a slot in 10.77.0.0/16: our end and the host's. */
export function slotAddresses(slot: number): { near: string; far: string } {
  const base = `10.77.${slot >> 6}`;
  const first = (slot & 63) * 4;
  return { near: `${base}.${first + 1}`, far: `${base}.${first + 2}` };
}

/** Connects the network namespace of process `pid`. The device's name is the lock on its addresses. */
export async function openLink(pid: number): Promise<Link> {
  const slot = await claimSlot(pid);
  const device = `pkl${slot}`;
  const { near, far } = slotAddresses(slot);
  const inHost = ["--target", String(pid), "--net", "ip", "-batch", "-"];
  await must("ip", ["-batch", "-"], `addr add ${near}/30 dev ${device}\nlink set ${device} up\n`);
  await must("nsenter", inHost, `addr add ${far}/30 dev ${HOST_DEVICE}\nlink set ${HOST_DEVICE} up\n`);
  let line: DelayLine | undefined;
  let delayed = false;

  const route = async () => {
    const verb = delayed ? "replace" : "del";
    await must("ip", ["-force", "-batch", "-"], `route ${verb} ${far}/32 dev pkd${slot} src ${near}\n`);
    await must("nsenter", inHost, `route ${verb} ${near}/32 dev ${HOST_DELAY_DEVICE} src ${far}\n`);
  };
  const setHostLinks = (state: "up" | "down") => {
    const devices = line === undefined ? [HOST_DEVICE] : [HOST_DEVICE, HOST_DELAY_DEVICE];
    return must("nsenter", inHost, devices.map((name) => `link set ${name} ${state}\n`).join(""));
  };

  return {
    address: far,
    cut: async () => void (await setHostLinks("down")),
    restore: async () => {
      await setHostLinks("up");
      if (delayed) await route();
    },
    delay: async (milliseconds) => {
      if (milliseconds === 0 && !delayed) return;
      line ??= await openDelayLine({ near: `pkd${slot}`, far: HOST_DELAY_DEVICE, pid });
      line.set(milliseconds / 2);
      const change = delayed !== milliseconds > 0;
      delayed = milliseconds > 0;
      if (change) await route();
    },
    close: async () => {
      line?.close();
      await waitFor(
        `${device} gone`,
        10,
        () => existsSync(`/sys/class/net/${device}`) === false || undefined,
      );
    },
  };
}

async function claimSlot(pid: number): Promise<number> {
  const start = Math.floor(Math.random() * SLOTS);
  let problem = "";
  for (let tries = 0; tries < TRIES; tries++) {
    const slot = (start + tries) % SLOTS;
    const peer = ["peer", "name", HOST_DEVICE, "netns", String(pid)];
    const added = await run("ip", ["link", "add", `pkl${slot}`, "type", "veth", ...peer]);
    if (added.exitCode === 0) return slot;
    problem = added.stderr;
    if (!problem.includes("File exists")) break;
  }
  throw new Error(`no network for the host: ${problem}`);
}
