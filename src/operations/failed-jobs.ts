import { selectNeeds } from "../config/needs.ts";
import { type Selection, selectJobs } from "../config/targets.ts";
import type { Context } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { Project } from "../core/project.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import { listRuns } from "../runs/stored-runs.ts";
import { jobsToRepeat } from "./repeat.ts";

/**
 * The jobs that did not pass in the latest finished run (of the target, if one is named), as they are configured now, with a
 * warning for those that are no longer configured. UsageError when there is none.
 */
export function selectFailed(project: Project, target: string | null, context: Context): Selection {
  if (target !== null) selectJobs(project, target, []);
  const record = latestFinished(target, context);
  const failed = jobsToRepeat(record, "failed");
  const known = failed.filter((name) => Object.hasOwn(project.jobs, name));
  const selection = selectNeeds(
    project,
    selectJobs(project, record.target, record.target === null ? known : []),
  );
  const jobs = selection.jobs.filter(({ name }) => failed.includes(name));
  const gone = failed.filter((name) => !jobs.some((job) => job.name === name));
  if (known.length === 0 || jobs.length === 0)
    throw new UsageError(
      `${gone.join(", ")} failed in run ${record.run_id}, and the configuration no longer has any of them`,
      {
        hint: "leave `--failed` out to run the jobs that it has now",
      },
    );
  if (gone.length > 0)
    context.emit({
      type: "warning",
      message: `${gone.join(", ")} failed in run ${record.run_id} and is no longer in the configuration`,
      hint: null,
    });
  return { target: selection.target, jobs };
}

function wasToRun({ result }: JobRecord): boolean {
  return result?.status !== "skipped";
}

/** Uses only records of this account: a record that came with the tree decides nothing. */
function latestFinished(target: string | null, context: Context): RunRecord {
  const runs = listRuns(context).flatMap((run) =>
    "record" in run && run.digests !== null ? [run.record] : [],
  );
  const found = runs.find(
    (run) =>
      run.state === "finished" && run.jobs.some(wasToRun) && (target === null || run.target === target),
  );
  if (found !== undefined) return found;
  throw new UsageError(`there is no finished run${target === null ? "" : ` of the target ${target}`} here`, {
    hint: "leave `--failed` out for the first one",
  });
}
