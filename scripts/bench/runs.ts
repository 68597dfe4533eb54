import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type LabHost, openLab } from "../../test/lab/lab.ts";
import type { Rig } from "../../test/lab/rig.ts";
import { sharedOutputProject } from "../../test/lab/shared-output.ts";

const DELAYS = [0, 20, 100];

interface Row {
  readonly delay: number;
  readonly kind: "cold" | "warm";
  readonly commands: number;
  readonly connections: number;
  readonly bytesSent: number;
  /** Milliseconds by stage; of jobs the longest. */
  readonly stages: Readonly<Record<string, number>>;
  readonly total: number;
}

async function measure(host: LabHost, rig: Rig, delay: number, kind: Row["kind"]): Promise<Row> {
  await host.resetCounts();
  const started = performance.now();
  const ended = await rig.pikaci("run", "--on", host.name, "-q");
  const total = performance.now() - started;
  if (ended.code !== 0) throw new Error(`the ${kind} run failed: ${ended.stderr}`);
  const { connections, commands } = await host.counts();
  const record = rig.record();
  return {
    delay,
    kind,
    commands,
    connections,
    bytesSent: record.snapshot?.bytes_sent ?? 0,
    stages: stageTimes(join(rig.dir, ".pikaci/runs", record.run_id, "events.jsonl")),
    total,
  };
}

function stageTimes(events: string): Record<string, number> {
  const longest: Record<string, number> = {};
  for (const line of readFileSync(events, "utf8").split("\n").filter(Boolean)) {
    const event = JSON.parse(line) as { type: string; stage: string; duration_ms: number };
    if (event.type !== "stage-finished") continue;
    longest[event.stage] = Math.max(longest[event.stage] ?? 0, event.duration_ms);
  }
  return longest;
}

function print(rows: readonly Row[]): void {
  const stages = ["snapshot", "hash", "publish", "prepare", "render", "execute", "collect"];
  const cells = rows.map((row) => ({
    "delay ms": row.delay,
    run: row.kind,
    commands: row.commands,
    connections: row.connections,
    "bytes sent": row.bytesSent,
    ...Object.fromEntries(stages.map((stage) => [stage, row.stages[stage] ?? 0])),
    total: Math.round(row.total),
  }));
  console.table(cells);
  console.log("times in ms; for scale: the original made 56 ssh connections cold and 48 warm for such a run");
}

/** Cold and warm runs of two jobs that share one prepared output, on a host of the lab. */
export async function benchRuns(): Promise<void> {
  const lab = await openLab(["single"]);
  const host = lab.single;
  const rows: Row[] = [];
  try {
    for (const delay of DELAYS) {
      const rig = sharedOutputProject(lab, `bench ${delay}\n`);
      await host.exec(`rm -rf ${host.homeDir}/.local/state/pikaci; nix-collect-garbage`);
      await host.delay(delay);
      rows.push(await measure(host, rig, delay, "cold"), await measure(host, rig, delay, "warm"));
      await host.delay(0);
      rig.remove();
    }
  } finally {
    await lab.stop();
  }
  print(rows);
}
