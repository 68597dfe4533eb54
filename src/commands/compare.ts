import { formatDuration } from "../config/duration.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { formatStatus } from "../report/format.ts";
import { sanitise } from "../report/sanitise.ts";
import type { Paint } from "../report/style.ts";
import { type Comparison, compareRuns, type JobChange } from "../runs/compare.ts";
import { comparedRun } from "../runs/compared.ts";
import { openRun } from "../runs/stored-runs.ts";
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

interface Args extends PlaceArgs {
  readonly before: string;
  readonly after: string;
  readonly json: boolean;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      jsonOption(placeOptions(options))
        .positional("before", {
          type: "string",
          demandOption: true,
          describe: "Run id or an unambiguous prefix of one",
        })
        .positional("after", {
          type: "string",
          demandOption: true,
          describe: "The same, or latest",
        })
        .example("$0 compare 20260101T1200 latest", "newly failing, fixed, slower; changed inputs"),
    (args) => compare(args, invocation),
  );

async function compare(args: Args, invocation: Invocation): Promise<void> {
  const { stateDir } = await openPlace(args, invocation);
  const [before, after] = [args.before, args.after].map((wanted) => {
    const { record, directory } = openRun(stateDir, wanted);
    return comparedRun(record, directory);
  });
  if (before === undefined || after === undefined) throw new Error("two runs were opened");
  const comparison = compareRuns(before, after);
  if (args.json) printJson(invocation, { schema_version: SCHEMA_VERSION, ...comparison });
  else invocation.out(`${formatComparison(comparison, outPaint(invocation)).join("\n")}\n`);
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
    ...(content ? [`which files: pikaci snapshot --diff ${before} ${after}`] : []),
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
