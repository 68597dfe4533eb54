import type { Context } from "../core/context.ts";
import type { JobName, RunId } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import { cachePolicy } from "../runs/key.ts";
import { readRun, runIds } from "../runs/stored-runs.ts";

interface Answer {
  readonly runs: string;
  readonly reason: string;
}

/** `why`'s answer for a job, and that its verdict was flaky, where that would be the newest one: after the run `since`. */
export function withFlaky<A extends Answer>(
  answer: A,
  spec: JobSpec,
  since: RunId | null,
  context: Pick<Context, "stateDir" | "memory">,
): A {
  if (answer.runs !== "yes" || cachePolicy(spec) === "never") return answer;
  const run = flakyRun(spec.name, since, context);
  if (run === null) return answer;
  const also = since === null ? "" : `; ${answer.reason}`;
  return { ...answer, reason: `it was flaky in run ${run}, and a flaky verdict is never remembered${also}` };
}

/** So many runs are looked at. */
const RUNS = 20;

/** The run in which a job was flaky, if that is its latest verdict of those after the run `since`; else null. */
function flakyRun(
  job: JobName,
  since: RunId | null,
  place: Pick<Context, "stateDir" | "memory">,
): RunId | null {
  const later = runIds(place.stateDir)
    .slice(-RUNS)
    .filter((id) => since === null || id > since);
  for (const id of later.reverse()) {
    const run = readRun(place, id);
    if (!("record" in run) || run.digests === null) continue;
    const result = run.record.jobs.find((one) => one.job === job)?.result;
    if (result == null || result.status === "skipped") continue;
    return result.status === "flaky" ? id : null;
  }
  return null;
}
