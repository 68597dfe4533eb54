import { formatDuration } from "../config/duration.ts";
import { formatStatus, runDuration } from "../report/format.ts";
import { sanitise } from "../report/sanitise.ts";
import type { Paint } from "../report/style.ts";
import { listRuns, type StoredRun } from "../runs/stored-runs.ts";
import {
  type Invocation,
  jsonOption,
  openPlace,
  outPaint,
  type PlaceArgs,
  placeOptions,
  printJson,
  type Register,
} from "./invocation.ts";

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      jsonOption(placeOptions(options))
        .example("$0 list", "every run with its verdict")
        .example("$0 list --json", "the records; a broken one has `broken` instead"),
    (args) => list(args, invocation),
  );

async function list(args: PlaceArgs & { readonly json: boolean }, invocation: Invocation): Promise<void> {
  const runs = listRuns((await openPlace(args, invocation)).stateDir);
  if (args.json) printJson(invocation, runs.map(asJson));
  else if (runs.length === 0) invocation.err("no runs in this workspace; `pikaci run` makes one\n");
  else invocation.out(runs.map((run) => `${formatRun(run, outPaint(invocation))}\n`).join(""));
}

function asJson(run: StoredRun): object {
  const { runId: run_id, directory } = run;
  return "record" in run ? { ...run.record, directory } : { run_id, directory, broken: run.broken };
}

function formatRun(run: StoredRun, paint: Paint): string {
  if ("broken" in run) return `${run.runId}  ${paint("red", "✘ broken")}  ${sanitise(run.broken)}`;
  const { record } = run;
  const status =
    record.status === null ? paint("cyan", `… ${record.state}`) : formatStatus(record.status, paint);
  const took = runDuration(record);
  const jobs = record.jobs.map((job) => job.job).join(", ");
  const what =
    record.error === null ? jobs : `${record.error.kind}: ${sanitise(record.error.message).split("\n")[0]}`;
  return [
    run.runId,
    status,
    record.target ?? "-",
    record.host,
    took === null ? "-" : formatDuration(took),
    what,
  ].join("  ");
}
