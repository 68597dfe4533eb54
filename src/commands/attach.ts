import { attachRun } from "../operations/attach.ts";
import { runDirectory } from "../runs/layout.ts";
import {
  aRun,
  configOf,
  contextOf,
  type Invocation,
  jsonOption,
  openPlace,
  outPaint,
  type PlaceArgs,
  placeOptions,
  printJson,
  type Register,
} from "./invocation.ts";
import { type ReportArgs, reportOptions, withReporter } from "./report-options.ts";
import { formatRecord } from "./status.ts";

interface Args extends PlaceArgs, ReportArgs {
  readonly run: string;
  readonly on: string | undefined;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      reportOptions(jsonOption(placeOptions(options)))
        .positional("run", { ...aRun, default: "latest" })
        .option("on", {
          type: "string",
          requiresArg: true,
          describe: "Host that it runs on; needed where the run has no record",
        })
        .example("$0 attach", "the latest run; Ctrl-C leaves it running")
        .example("$0 attach 20260102T030405Z-0a1b2c3d --on builder", "a run of another machine"),
    async (args) => invocation.setExitCode(await attach(args, invocation)),
  );

async function attach(args: Args, invocation: Invocation): Promise<number> {
  const place = await openPlace(args, invocation);
  let told = false;
  return withReporter(args, place, invocation, async (emit) => {
    const context = contextOf(place, invocation, (event) => {
      told = true;
      emit(event);
    });
    const request = { run: args.run, host: args.on ?? null, config: configOf(args, invocation), wait: true };
    const record = await attachRun(request, context);
    if (args.json) printJson(invocation, record);
    else if (!told) {
      const lines = formatRecord(record, runDirectory(context.stateDir, record.run_id), outPaint(invocation));
      invocation.out(`${lines.join("\n")}\n`);
    }
    return record.exit_code ?? (record.state === "detached" ? 0 : 3);
  });
}
