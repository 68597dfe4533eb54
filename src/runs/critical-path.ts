import type { PlanGraph } from "./plan-graph.ts";
import type { Timing } from "./timing.ts";

/**
 * The chain of jobs that decided when a run's jobs ended, by names, the first one first: the job that ended last, before it the
 * need of it that ended last, and so on. Empty when no job of the run needs another; jobs that never began are not in it.
 */
export function criticalPath(
  { jobs, end }: Pick<Timing, "jobs" | "end">,
  { nodes }: PlanGraph,
): readonly string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const needs = new Map(
    nodes.flatMap(({ job, needs: ids }) =>
      job === null ? [] : [[job, ids.flatMap((id) => byId.get(id)?.job ?? [])] as const],
    ),
  );
  if ([...needs.values()].every((names) => names.length === 0)) return [];
  const ends = new Map(
    jobs.flatMap(({ job, phases }) => {
      const last = phases.at(-1);
      return last === undefined ? [] : [[job, last.end ?? end] as const];
    }),
  );
  const path: string[] = [];
  for (let next = lastOf([...ends.keys()], ends); next !== null; next = lastOf(needs.get(next) ?? [], ends)) {
    if (path.includes(next)) break;
    path.unshift(next);
  }
  return path;
}

/** Of the jobs that ran, the one that ended last; of several the first. */
function lastOf(names: readonly string[], ends: ReadonlyMap<string, number>): string | null {
  let last: string | null = null;
  for (const name of names) {
    const at = ends.get(name);
    if (at !== undefined && (last === null || at > (ends.get(last) ?? 0))) last = name;
  }
  return last;
}
