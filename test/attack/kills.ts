import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { LabHost } from "../lab/host.ts";
import { leftNow, nothingLeft } from "../lab/leftovers.ts";
import { openRig, type Rig } from "../lab/rig.ts";

/** Seconds of a quiet machine after a kill within which the host has nothing of the run any more. */
const LEFT_SECONDS = 15;

export interface Kill {
  /** Part of a run's usual time after which its client was killed. */
  readonly at: number;
  readonly problems: readonly string[];
}

/** Kills clients of one project at random moments; after each, looks at both sides and at the next run. */
export async function killClients(
  host: LabHost,
  sshOptions: string,
  count: number,
  random: () => number,
  tell: (kill: Kill) => void,
): Promise<Kill[]> {
  const rig = project(host, sshOptions);
  const kills: Kill[] = [];
  try {
    const usual = await timeOf(rig);
    for (let n = 0; n < count; n++) {
      const kill = await killOne(host, rig, n, random(), usual);
      tell(kill);
      kills.push(kill);
    }
    return kills;
  } finally {
    rig.remove();
  }
}

function project(host: LabHost, sshOptions: string): Rig {
  const rig = openRig({ NIX_SSHOPTS: sshOptions, PIKACI_NO_CACHE: "" });
  rig.configure({
    project: "kills",
    hosts: { host: { url: host.url, lease: "6s" } },
    jobs: { x: { command: "cat number | tee /artifacts/number", runner: "sandbox", caches: ["c"] } },
  });
  return rig;
}

/** Milliseconds that an undisturbed run takes, once its runner is built. */
async function timeOf(rig: Rig): Promise<number> {
  await passes(rig, "first");
  const began = performance.now();
  await passes(rig, "second");
  return performance.now() - began;
}

async function killOne(host: LabHost, rig: Rig, n: number, at: number, usual: number): Promise<Kill> {
  const problems: string[] = [];
  try {
    const before = await leftNow(host);
    rig.write({ number: `killed ${n}\n` });
    const { child, ended } = rig.start("run", "--on", "host");
    await wait(at * usual);
    child.kill("SIGKILL");
    await ended;
    await nothingLeft(host, before, LEFT_SECONDS);
    problems.push(...(await openRuns(rig)));
    // Once more with that tree: what the killed client had begun is gone on with, never believed half.
    await passes(rig, `killed ${n}`);
    await passes(rig, `after ${n}`);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  return { at, problems };
}

/** Once somebody has looked, no run of a dead client goes on. */
async function openRuns(rig: Rig): Promise<string[]> {
  const listed = await rig.pikaci("list", "--json");
  if (listed.code !== 0) return [`list: ${listed.code}: ${listed.stderr}`];
  const runs = join(rig.dir, ".pikaci/runs");
  return readdirSync(runs).flatMap((id) => {
    const { state } = JSON.parse(readFileSync(join(runs, id, "run.json"), "utf8"));
    return state === "finished" ? [] : [`run ${id} is ${state}`];
  });
}

async function passes(rig: Rig, number: string): Promise<void> {
  rig.write({ number: `${number}\n` });
  const { code, stderr } = await rig.pikaci("run", "--on", "host");
  if (code !== 0) throw new Error(`the next run: ${code}: ${stderr.slice(-800)}`);
  const artifact = rig.jobFile("x", "artifacts/number");
  if (artifact !== `${number}\n`) throw new Error(`the next run's artifact is ${JSON.stringify(artifact)}`);
}
