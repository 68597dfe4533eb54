import * as z from "zod";

const node = z.object({
  kind: z.enum(["prepare", "execute", "build"]),
  id: z.string(),
  job: z.string().optional(),
  backend: z.string().optional(),
  needs: z.array(z.string()).optional(),
});

/** The parts of `plan.json` that a drawing needs. */
export interface PlanGraph {
  readonly nodes: readonly {
    readonly id: string;
    readonly label: string;
    readonly kind: "prepare" | "execute" | "build";
    readonly needs: readonly string[];
  }[];
}

/** The graph of a `plan.json`; null for any other document. */
export function planGraph(value: unknown): PlanGraph | null {
  const parsed = z.object({ nodes: z.array(node) }).safeParse(value);
  if (!parsed.success) return null;
  const nodes = parsed.data.nodes.map(({ kind, id, job, backend, needs = [] }) => {
    const label =
      kind === "prepare" ? id.replace(/^prepare (path|installable) /, "") : jobLabel(job ?? id, backend);
    return { id, kind, needs, label };
  });
  return { nodes };
}

/** A job's label; a job that only builds has no backend. */
function jobLabel(job: string, backend: string | undefined): string {
  return backend === undefined ? job : `${job} (${backend})`;
}
