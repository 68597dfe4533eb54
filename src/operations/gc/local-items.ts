import type { Context } from "../../core/context.ts";
import { isGood } from "../../core/passes.ts";
import { sourceRoots, sweepSources } from "../../nix/source-stages.ts";
import { pinFile } from "../../runs/layout.ts";
import { listRuns, type StoredRun } from "../../runs/stored-runs.ts";
import { changedAt, removeFile, removeTree } from "../../system/client-files.ts";
import { liveness } from "../../system/process-identity.ts";
import { type Item, NOT_KEPT } from "./plan.ts";
import { treeBytes } from "./tree-bytes.ts";

type Place = Pick<Context, "stateDir" | "memory">;

/** The workspace's runs, and the roots of flakes' sources, as things to collect. */
export function localItems(place: Place, now: Date): Item[] {
  return [...runItems(place, now), ...sourceItems(place.memory, now)];
}

function runItems(place: Place, now: Date): Item[] {
  return listRuns(place).map((run) => ({
    kind: "runs",
    name: run.runId,
    bytes: treeBytes(run.directory),
    ageMs: Math.max(0, now.getTime() - lastUse(run)),
    held: isLive(run),
    pinned: changedAt(pinFile(run.directory)) !== null,
    failed: "record" in run && !isGood(run.record.status),
    uncollected: "record" in run && run.record.state === "detached",
  }));
}

/** Counts no bytes for GC roots: Nix frees and counts those of its store. */
function sourceItems(memory: Place["memory"], now: Date): Item[] {
  return sourceRoots(memory).map(({ name, usedAt }) => ({
    ...NOT_KEPT,
    kind: "sources",
    name,
    bytes: 0,
    ageMs: Math.max(0, now.getTime() - usedAt.getTime()),
  }));
}

/** Removes local runs that are not under way, GC roots of sources, and leftovers of killed clients among those. */
export function removeLocal(items: readonly Item[], place: Place): void {
  const wanted = new Set(items.map(({ kind, name }) => `${kind}/${name}`));
  for (const run of listRuns(place))
    if (wanted.has(`runs/${run.runId}`) && !isLive(run)) removeTree(run.directory);
  for (const { name, link } of sourceRoots(place.memory)) if (wanted.has(`sources/${name}`)) removeFile(link);
  sweepSources(place.memory);
}

function isLive(run: StoredRun): boolean {
  return "record" in run && run.record.state === "running" && liveness(run.record.client) !== "dead";
}

function lastUse(run: StoredRun): number {
  const finished = "record" in run ? run.record.finished_at : null;
  return finished === null ? (changedAt(run.directory)?.getTime() ?? 0) : Date.parse(finished);
}
