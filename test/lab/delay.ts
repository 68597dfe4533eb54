import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { must } from "./command.ts";

const PROGRAM = fileURLToPath(new URL("delay.pl", import.meta.url));

/** A pair of tun devices with a delay between them; nothing uses it until routes point there. */
export interface DelayLine {
  /** One-way delay of every packet from now on. */
  set(milliseconds: number): void;
  close(): void;
}

/**
 * Opens the pair: `near` stays in this network namespace, `far` moves into the one of `pid`.
 * In user space because netem is a kernel module that small kernels leave out.
 */
export async function openDelayLine(ends: { near: string; far: string; pid: number }): Promise<DelayLine> {
  const staged = `${ends.near}f`;
  const child = spawn("perl", [PROGRAM, ends.near, staged], { stdio: ["pipe", "pipe", "inherit"] });
  child.unref();
  await once(child.stdout, "data");
  child.stdout.destroy();
  const up = (name: string) => `link set ${name} txqueuelen 10000 up\n`;
  const move = `link set ${staged} netns ${ends.pid} name ${ends.far}\n`;
  await must("ip", ["-batch", "-"], up(ends.near) + move);
  await must("nsenter", ["--target", String(ends.pid), "--net", "ip", "-batch", "-"], up(ends.far));
  return {
    set: (milliseconds) => void child.stdin.write(`${milliseconds}\n`),
    close: () => void child.stdin.end(),
  };
}
