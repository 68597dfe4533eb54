import type { Span, Timing } from "./timing.ts";

/** A part of a run's time, named after what the run did then; milliseconds since the epoch. */
interface Stretch {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/**
 * All of a run's time, without gaps or overlaps. A stage of the run counts before what jobs do at the same time; of several
 * stages, the one that began last counts. Time that no event covers is `connecting` until the host has answered, `closing`
 * after the last job, and otherwise `waiting`.
 */
export function accountOf(timing: Timing): Stretch[] {
  const { start, end, stages, jobs } = timing;
  const phases = jobs.flatMap((job) => job.phases);
  const edges = [...stages, ...phases].flatMap((span) => [span.start, span.end ?? end]);
  const connected = timing.connectedAt === null ? [] : [timing.connectedAt];
  const inside = [...edges, ...connected].filter((at) => at > start && at < end);
  const cuts = [...new Set([start, ...inside, end])].sort((a, b) => a - b);
  const pieces = cuts.slice(1).map((to, index) => {
    const from = cuts[index] ?? start;
    return { name: nameOf(from, timing, phases), start: from, end: to };
  });
  return pieces.reduce<Stretch[]>(joined, []);
}

/** Milliseconds by name, in order of first occurrence; their sum is the run's whole time. */
export function sumsOf(stretches: readonly Stretch[]): { readonly name: string; readonly ms: number }[] {
  const sums = new Map<string, number>();
  for (const { name, start, end } of stretches) sums.set(name, (sums.get(name) ?? 0) + end - start);
  return [...sums].map(([name, ms]) => ({ name, ms }));
}

function nameOf(at: number, { end, stages, connectedAt }: Timing, phases: readonly Span[]): string {
  const covers = (span: Span) => span.start <= at && at < (span.end ?? end);
  const stage = stages
    .filter(covers)
    .reduce<Span | null>((a, b) => (a !== null && a.start > b.start ? a : b), null);
  if (stage !== null) return stage.name;
  const active = phases.filter(covers).map(({ name }) => name);
  if (active.length > 0) return active.every((name) => name === "collecting") ? "collecting" : "jobs";
  if (connectedAt === null || at < connectedAt) return "connecting";
  const over = [...stages, ...phases].every((span) => (span.end ?? end) <= at);
  return over ? "closing" : "waiting";
}

function joined(before: Stretch[], next: Stretch): Stretch[] {
  const last = before.at(-1);
  if (last?.name !== next.name) return [...before, next];
  return [...before.slice(0, -1), { ...last, end: next.end }];
}
