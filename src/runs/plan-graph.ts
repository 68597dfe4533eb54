import * as z from "zod";
import { isNoDocument, readJson } from "../system/client-files.ts";

const node = z.object({
  kind: z.enum(["prepare", "execute", "build"]),
  id: z.string(),
  job: z.string().optional(),
  backend: z.string().optional(),
  needs: z.array(z.string()).optional(),
});

/** The parts of `plan.json` that a drawing needs. */
export interface PlanGraph {
  readonly nodes: readonly PlanGraphNode[];
}

interface PlanGraphNode {
  readonly id: string;
  readonly label: string;
  readonly kind: "prepare" | "execute" | "build";
  /** Null for a prepared output. */
  readonly job: string | null;
  /** Ids of other nodes. */
  readonly needs: readonly string[];
}

/** The graph of a `plan.json`; null for any other document. */
export function planGraph(value: unknown): PlanGraph | null {
  const parsed = z.object({ nodes: z.array(node) }).safeParse(value);
  if (!parsed.success) return null;
  const nodes = parsed.data.nodes.map(({ kind, id, job = null, backend, needs = [] }) => {
    const label =
      kind === "prepare" ? id.replace(/^prepare (path|installable) /, "") : jobLabel(job ?? id, backend);
    return { id, kind, job, needs, label };
  });
  return { nodes };
}

/** Of a stored `plan.json`; null when the run ended before it had a plan, or it cannot be read. */
export function readPlanGraph(path: string): PlanGraph | null {
  try {
    return planGraph(readJson(path));
  } catch (error) {
    if (isNoDocument(error)) return null;
    throw error;
  }
}

/** A job's label; a job that only builds has no backend. */
function jobLabel(job: string, backend: string | undefined): string {
  return backend === undefined ? job : `${job} (${backend})`;
}

/** The nodes in columns: each stands behind all that it needs. */
export function columnsOf({ nodes }: PlanGraph): readonly (readonly PlanGraphNode[])[] {
  const byId = new Map(nodes.map((one) => [one.id, one]));
  const places = new Map<string, number>();
  const placeOf = (one: PlanGraphNode): number => {
    const known = places.get(one.id);
    if (known !== undefined) return known;
    // A node that needs itself, in a document that nobody here wrote.
    places.set(one.id, 0);
    const before = one.needs.flatMap((id) => byId.get(id) ?? []).map((need) => placeOf(need) + 1);
    const place = Math.max(one.kind === "prepare" ? 0 : 1, ...before);
    places.set(one.id, place);
    return place;
  };
  const count = Math.max(2, ...nodes.map((one) => placeOf(one) + 1));
  return Array.from({ length: count }, (_, place) => nodes.filter((one) => placeOf(one) === place));
}
