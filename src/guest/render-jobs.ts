import type { Context } from "../core/context.ts";
import type { JobSpec } from "../core/job.ts";
import type { MachineShape, Runner } from "../core/machine-shape.ts";
import type { HostSession } from "../remote/session.ts";
import { render, renderRunner } from "./render.ts";
import { candidates, chooseShape, passedOverNotes } from "./runners/choose.ts";

/** Every shape that one of the jobs may get, once. */
export function possibleShapes(jobs: readonly JobSpec[]): readonly MachineShape[] {
  return [...new Map(jobs.flatMap(candidates).map((shape) => [shapeKey(shape), shape])).values()];
}

/**
 * The runner of each job, by its name: one a machine shape, however many jobs have it. What `auto` did not take is a
 * warning. InfraError("host") when a host has nothing for a job.
 */
export async function renderJobs(
  jobs: readonly JobSpec[],
  session: HostSession,
  options: { readonly repair: boolean },
  context: Context,
): Promise<ReadonlyMap<string, Runner>> {
  const { facts, connection } = session;
  const choices = new Map(jobs.map((job) => [job.name, chooseShape(job, facts, connection.host.url)]));
  for (const note of passedOverNotes(choices)) context.emit({ type: "warning", ...note });
  const rendered = new Map<string, Runner>();
  const runners = new Map<string, Runner>();
  for (const [name, { shape }] of choices) {
    const key = shapeKey(shape);
    const runner = rendered.get(key) ?? (await render(shape, session, options, context));
    rendered.set(key, runner);
    runners.set(name, runner);
  }
  return runners;
}

function shapeKey(shape: MachineShape): string {
  return renderRunner(shape).contentHash;
}
