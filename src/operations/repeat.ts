import { UsageError } from "../core/errors.ts";
import type { JobName } from "../core/ids.ts";
import { isPass } from "../core/passes.ts";
import type { RunRecord } from "../core/run-record.ts";

/** The jobs of a run to run again: all that no filter skipped, or those that did not pass. UsageError when there is none. */
export function jobsToRepeat(record: Pick<RunRecord, "run_id" | "jobs">, which: "all" | "failed"): JobName[] {
  const ran = record.jobs.filter(
    ({ result, blocked_by }) => result?.status !== "skipped" || blocked_by !== undefined,
  );
  const wanted = which === "failed" ? ran.filter(({ result }) => !isPass(result?.status)) : ran;
  if (wanted.length > 0) return wanted.map(({ job }) => job);
  throw new UsageError(`run ${record.run_id} has no ${which === "failed" ? "failed job" : "job that ran"}`, {
    hint:
      which === "failed"
        ? "leave `--failed` out to run all of it again"
        : "`pikaci run --force` runs what filters skip",
  });
}
