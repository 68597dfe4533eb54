import { formatDuration } from "../config/duration.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { formatStatus } from "../report/format.ts";
import { sanitise } from "../report/sanitise.ts";
import type { Paint } from "../report/style.ts";
import { type ComparedRun, type Comparison, compareRuns, type JobChange } from "../runs/compare.ts";
import { comparedRun, latestTwo } from "../runs/compared.ts";
import { openRun } from "../runs/stored-runs.ts";
import { type Handler, openPlace, type Place } from "./call.ts";
import { outPaint, printJson, printLines } from "./invocation.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"compare">> = async ({ before, after, json }, call) => {
  const place = await openPlace(call);
  const { invocation } = place;
  const opened = (wanted: string) => openCompared(place, wanted);
  const two =
    before === null ? latestTwo(place) : { before: opened(before), after: opened(after ?? "latest") };
  const comparison = compareRuns(two.before, two.after);
  if (json) printJson(invocation, { schema_version: SCHEMA_VERSION, ...comparison });
  else printLines(invocation, formatComparison(comparison, outPaint(invocation)));
  return 0;
};

function openCompared(place: Place, wanted: string): ComparedRun {
  const { record, directory } = openRun(place, wanted);
  return comparedRun(record, directory);
}

const SHORT = 80;

export function formatComparison({ before, after, jobs, inputs }: Comparison, paint: Paint): string[] {
  const content = inputs.some(({ what }) => what === "content hash");
  return [
    `from ${before} to ${after}`,
    ...jobs.map((job) => formatChange(job, paint)),
    ...(inputs.length === 0 ? ["every input that pikaci knows of is the same"] : ["changed inputs:"]),
    ...inputs.map(
      ({ what, before: old, after: now }) => `  ${sanitise(what)}: ${short(old)} → ${short(now)}`,
    ),
    ...(content ? [`changed files: pikaci snapshot --diff ${before} ${after}`] : []),
  ];
}

/** Commands may be pages long; `--json` has all of them. */
function short(value: string): string {
  const text = sanitise(value);
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
}

function formatChange({ job, change, before, after }: JobChange, paint: Paint): string {
  const side = (one: JobChange["before"]) => {
    if (one === null) return "–";
    const status = one.status === null ? "?" : formatStatus(one.status, paint);
    return one.duration_ms === null ? status : `${status} in ${formatDuration(one.duration_ms)}`;
  };
  return `  ${change.padEnd(13)}  ${job}: ${side(before)} → ${side(after)}`;
}
