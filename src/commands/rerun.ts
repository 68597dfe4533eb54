import { isSaid } from "../nix/options.ts";
import { rerun } from "../operations/rerun.ts";
import {
  aHost,
  aRun,
  configOf,
  contextOf,
  type Invocation,
  jsonOption,
  openPlace,
  type PlaceArgs,
  placeOptions,
  printJson,
  type Register,
} from "./invocation.ts";
import { type NixArgs, nixFlags, nixOptionsOf } from "./nix-flags.ts";
import { type ReportArgs, reportOptions, withReporter } from "./report-options.ts";

interface Args extends PlaceArgs, ReportArgs, NixArgs {
  readonly run: string;
  readonly failed: boolean;
  readonly on: string | undefined;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      nixFlags(reportOptions(jsonOption(placeOptions(options))))
        .positional("run", { ...aRun, default: "latest" })
        .option("failed", { type: "boolean", default: false, describe: "Only the jobs that did not pass" })
        .option("on", aHost)
        .example("$0 rerun --failed", "what did not pass in the latest run")
        .example("$0 rerun 20260102 --on builder", "a run of that day, on another machine"),
    async (args) => invocation.setExitCode(await again(args, invocation)),
  );

async function again(args: Args, invocation: Invocation): Promise<number> {
  const place = await openPlace(args, invocation);
  const nix = nixOptionsOf(args, invocation);
  return withReporter(args, place, invocation, async (emit) => {
    const request = {
      ...{ run: args.run, failedOnly: args.failed, host: args.on ?? null },
      ...{ config: configOf(args, invocation), detach: false },
      ...(isSaid(nix) ? { nix } : {}),
    };
    const record = await rerun(request, contextOf(place, invocation, emit));
    if (args.json) printJson(invocation, record);
    return record.exit_code ?? 3;
  });
}
