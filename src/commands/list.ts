import { formatDuration } from "../config/duration.ts";
import { groupOf } from "../core/ids.ts";
import type { RunRecord } from "../core/run-record.ts";
import { formatCommit, formatStatus, runDuration } from "../report/format.ts";
import { sanitise } from "../report/sanitise.ts";
import type { Paint } from "../report/style.ts";
import { listRuns, type StoredRun } from "../runs/stored-runs.ts";
import { type Handler, openPlace } from "./call.ts";
import { outPaint, printJson, printLines } from "./invocation.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"list">> = async ({ json }, call) => {
  const place = await openPlace(call);
  const { invocation } = place;
  const runs = listRuns(place);
  if (json) printJson(invocation, runs.map(asJson));
  else if (runs.length === 0) invocation.err("no runs in this workspace; `pikaci run` makes one\n");
  else
    printLines(
      invocation,
      runs.map((run) => formatRun(run, outPaint(invocation))),
    );
  return 0;
};

function asJson(run: StoredRun): object {
  const { runId: run_id, directory } = run;
  const whose = isForeign(run) ? { foreign: true } : {};
  return "record" in run ? { ...run.record, directory, ...whose } : { run_id, directory, broken: run.broken };
}

/** Of a run that this account has not recorded in this workspace, nothing is certain. */
function isForeign({ digests }: StoredRun): boolean {
  return digests === null;
}

function commitOf({ snapshot }: RunRecord): string[] {
  const commit = snapshot === null ? null : formatCommit(snapshot.source);
  return commit === null ? [] : [commit];
}

function formatRun(run: StoredRun, paint: Paint): string {
  if ("broken" in run) return `${run.runId}  ${paint("red", "✘ broken")}  ${sanitise(run.broken)}`;
  const { record } = run;
  const status =
    record.status === null ? paint("cyan", `… ${record.state}`) : formatStatus(record.status, paint);
  const took = runDuration(record);
  const jobs = [...new Set(record.jobs.map(({ job }) => groupOf(job) ?? job))].join(", ");
  const what =
    record.error === null ? jobs : `${record.error.kind}: ${sanitise(record.error.message).split("\n")[0]}`;
  return [
    run.runId,
    status,
    record.target ?? "-",
    record.host,
    took === null ? "-" : formatDuration(took),
    ...(isForeign(run) ? [paint("yellow", "foreign")] : []),
    what,
    ...commitOf(record),
  ].join("  ");
}
