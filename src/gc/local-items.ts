import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { changedAt, removeTree } from "../io/client-files.ts";
import { liveness } from "../io/process-identity.ts";
import { pinFile } from "../record/layout.ts";
import { listRuns, type StoredRun } from "../record.ts";
import type { Item } from "./plan.ts";

/** The workspace's runs as things to collect. */
export function localItems(stateDir: string, now: Date): Item[] {
  return listRuns(stateDir).map((run) => ({
    kind: "runs",
    name: run.runId,
    bytes: treeBytes(run.directory),
    ageMs: Math.max(0, now.getTime() - lastUse(run)),
    held: isLive(run),
    pinned: changedAt(pinFile(run.directory)) !== null,
    failed: "record" in run && !["passed", "cached", "skipped"].includes(run.record.status ?? ""),
    uncollected: "record" in run && run.record.state === "detached",
  }));
}

/** Removes local runs that are not alive by now. */
export function removeLocal(items: readonly Item[], stateDir: string): void {
  const wanted = new Set(items.map(({ name }) => name));
  for (const run of listRuns(stateDir)) if (wanted.has(run.runId) && !isLive(run)) removeTree(run.directory);
}

function isLive(run: StoredRun): boolean {
  return "record" in run && run.record.state === "running" && liveness(run.record.client) !== "dead";
}

function lastUse(run: StoredRun): number {
  const finished = "record" in run ? run.record.finished_at : null;
  return finished === null ? (changedAt(run.directory)?.getTime() ?? 0) : Date.parse(finished);
}

function treeBytes(directory: string): number {
  const stat = lstatSync(directory, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.blocks * 512;
  return readdirSync(directory).reduce((sum, name) => sum + treeBytes(join(directory, name)), 0);
}
