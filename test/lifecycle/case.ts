import { randomBytes } from "node:crypto";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LabHost } from "../lab/host.ts";
import { leftNow, nothingLeft } from "../lab/leftovers.ts";
import { eventually, openRig, type Rig } from "../lab/rig.ts";
import { toolFlake } from "../lab/shared-output.ts";
import { endings, type Fault, heal, hurt } from "./faults.ts";

export const PHASES = ["uploading", "building", "booting", "running", "collecting"] as const;
export type Phase = (typeof PHASES)[number];

export interface Result {
  readonly fault: Fault;
  readonly phase: Phase;
  /** Exit code and recorded status. */
  readonly ended: string;
  /** What is wrong, a line each. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

/** Seconds after the end of a client within which nothing may be left; a silent one has its lease besides. */
const LEFT_SECONDS = 10;

/** What the host runs in a phase that lasts. */
const UNDER_WAY: Readonly<Record<Phase, RegExp>> = {
  uploading: /^tar -x/,
  building: /sleep 7$/,
  booting: /^\/usr\/bin\/qemu-system/,
  running: /^sleep 8$/,
  collecting: /^tar -cf - -C artifacts/,
};

/** Brings a run to its phase, hurts it, and looks at its end, at what is left, and at the next run. */
export async function runCase(
  host: LabHost,
  sshOptions: string,
  [fault, phase]: readonly [Fault, Phase],
  lease: number,
): Promise<Result> {
  const began = performance.now();
  const rig = project(host, sshOptions, phase, lease);
  const problems: string[] = [];
  let ended = "";
  try {
    const before = await leftNow(host);
    if (phase === "uploading" || phase === "collecting") await host.delay(40);
    const client = rig.start("run", "--on", "host");
    await eventually(`${phase} under way`, 90, async () =>
      (await host.processes()).some(({ args }) => UNDER_WAY[phase].test(args)) ? true : null,
    );
    await hurt(fault, host, client.child);
    const { code, stderr } = await client.ended;
    await heal(host);
    const { status, state } = await recorded(rig);
    ended = `${code} ${status}`;
    if (!endings(fault, phase, lease).includes(code)) problems.push(`exit ${code}: ${stderr.slice(-800)}`);
    if (state !== "finished") problems.push(`the record says ${state}`);
    const silent = fault.startsWith("link") ? lease : 0;
    await nothingLeft(host, before, LEFT_SECONDS + silent).catch((error: Error) =>
      problems.push(error.message),
    );
    rig.write({ slow: "no\n" });
    const next = await rig.pikaci("run", "--on", "host", "-q");
    if (next.code !== 0) problems.push(`the next run: ${next.code}: ${next.stderr.slice(-800)}`);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    await heal(host);
    rig.remove();
  }
  return { fault, phase, ended, problems, seconds: Math.round((performance.now() - began) / 1000) };
}

/** The record as the next command that looks finds it. */
async function recorded(rig: Rig): Promise<{ status: string; state: string }> {
  await rig.pikaci("list");
  const { status, state } = rig.record();
  return { status: status ?? "none", state };
}

function project(host: LabHost, sshOptions: string, phase: Phase, lease: number): Rig {
  const rig = openRig({ NIX_SSHOPTS: sshOptions });
  // Of its own in every case, so that nothing is built already.
  rig.write({ slow: `yes ${randomBytes(8).toString("hex")}\n` });
  if (phase === "uploading") writeFileSync(join(rig.dir, "big"), randomBytes(60 << 20));
  const wait = "${./tools}/busybox grep -q no ${./slow} || ${./tools}/busybox sleep 7; ";
  if (phase === "building") writeTools(rig, toolFlake(wait));
  const slow = {
    ...{ uploading: "true", building: "true", booting: "true", running: "sleep 8" },
    collecting: "head -c 60000000 /dev/urandom >/artifacts/big",
  }[phase];
  rig.configure({
    project: "lifecycle",
    hosts: { host: { url: host.url, lease: `${lease}s` } },
    flake: { files: ["flake.nix", "tools/**", "slow"] },
    jobs: {
      x: {
        command: `echo begun; grep -q no slow || { ${slow}; }; echo over`,
        runner: phase === "booting" ? { backend: "minivm", vcpu: 1, memory: "256MiB" } : "sandbox",
        prepare: phase === "building" ? { tool: ".#tool" } : {},
      },
    },
  });
  return rig;
}

function writeTools(rig: Rig, flake: string): void {
  rig.write({ "flake.nix": flake, "tools/.keep": "" });
  copyFileSync("/bin/busybox", join(rig.dir, "tools/busybox"));
}
