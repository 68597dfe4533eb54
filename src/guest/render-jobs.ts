import type { Context } from "../core/context.ts";
import type { Runner } from "../core/machine-shape.ts";
import type { HostSession } from "../remote/session.ts";
import type { DecidedJob } from "./decide.ts";
import { render } from "./render.ts";
import { passedOverNotes } from "./runners/choose.ts";

/** A job whose runner is ready on the host. */
export interface JobWithRunner extends DecidedJob {
  readonly runner: Runner;
}

/**
 * Jobs with their runners: each runner is built once, however many jobs use it. Warns about stronger backends that `auto` could
 * not use. Throws what `render` throws.
 */
export async function renderJobs(
  jobs: readonly DecidedJob[],
  session: HostSession,
  options: { readonly repair: boolean },
  context: Context,
): Promise<readonly JobWithRunner[]> {
  const notes = passedOverNotes(new Map(jobs.map((decided) => [decided.job.name, decided])));
  for (const note of notes) context.emit({ type: "warning", ...note });
  const rendered = new Map<string, Runner>();
  const ready: JobWithRunner[] = [];
  for (const decided of jobs) {
    const { flake } = decided;
    const runner = rendered.get(flake.contentHash) ?? (await render(flake, session, options, context));
    rendered.set(flake.contentHash, runner);
    ready.push({ ...decided, runner });
  }
  return ready;
}
