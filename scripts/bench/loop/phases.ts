import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Timing, timingOf } from "../../../src/runs/timing.ts";
import type { Measured } from "./ended.ts";

/** Milliseconds from the start of the command to what happened, by name. */
type Moments = Readonly<Record<string, number>>;

/** When the run that is recorded last in `root` was where. Stages overlap: each moment is an end of its own. */
export function momentsOf(root: string, { began, exit, all }: Measured): Moments {
  const timing = newestTiming(root);
  const stages = timing.stages.map(({ name, end }) => [name, end] as const);
  const phases = timing.jobs.flatMap((job) => job.phases.map(({ name, start }) => [name, start] as const));
  const verdict = timing.jobs.flatMap((job) => job.phases.at(-1)?.end ?? []).at(-1) ?? null;
  const moments = [
    ["run begins", timing.start],
    ["host answered", timing.connectedAt],
    ...stages,
    ...phases,
    ["verdict", verdict],
    ["exit", began + exit],
    ["all ended", began + all],
  ] as const;
  const seen = moments.flatMap(([name, at]) =>
    at === null ? [] : [[name, Math.round(at - began)] as const],
  );
  return Object.fromEntries(seen.sort(([, a], [, b]) => a - b));
}

function newestTiming(root: string): Timing {
  const runs = join(root, ".pikaci/runs");
  const [newest = ""] = readdirSync(runs).sort().reverse();
  const timing = timingOf(readFileSync(join(runs, newest, "events.jsonl"), "utf8"));
  if (timing === null) throw new Error(`${newest} has no events`);
  return timing;
}
