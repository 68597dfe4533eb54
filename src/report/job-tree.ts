/** A job of a graph, and the jobs that must pass before it, by name. */
interface TreeJob {
  readonly job: string;
  readonly needs: readonly string[];
}

/**
 * Jobs as a tree in text: each once, below the last of its needs, and the others named beside it. Nothing when no job needs
 * another. `jobs` has each after its needs.
 */
export function formatJobTree(jobs: readonly TreeJob[]): string[] {
  const names = new Set(jobs.map(({ job }) => job));
  const inside = jobs.map(({ job, needs }) => ({ job, needs: needs.filter((need) => names.has(need)) }));
  if (inside.every(({ needs }) => needs.length === 0)) return [];
  const order = new Map(inside.map(({ job }, index) => [job, index]));
  const parentOf = ({ needs }: TreeJob) =>
    [...needs].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)).at(-1) ?? null;
  const below = (parent: string | null) => inside.filter((one) => parentOf(one) === parent);
  const draw = (one: TreeJob, first: string, rest: string): string[] => {
    const others = one.needs.filter((need) => need !== parentOf(one));
    const also = others.length === 0 ? "" : ` (also after ${others.join(", ")})`;
    const children = below(one.job);
    return [
      `${first}${one.job}${also}`,
      ...children.flatMap((child, index) =>
        index === children.length - 1
          ? draw(child, `${rest}└── `, `${rest}    `)
          : draw(child, `${rest}├── `, `${rest}│   `),
      ),
    ];
  };
  return below(null).flatMap((one) => draw(one, "", ""));
}
