import { pinRun } from "../operations/pin.ts";
import {
  aRun,
  configOf,
  contextOf,
  type Invocation,
  openPlace,
  type PlaceArgs,
  placeOptions,
  type Register,
} from "./invocation.ts";

interface Args extends PlaceArgs {
  readonly run: string;
  readonly remove: boolean;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      placeOptions(options)
        .positional("run", { ...aRun, demandOption: true })
        .option("remove", { type: "boolean", default: false, describe: "Let go of it again" })
        .example("$0 pin latest", "so that it can be run again in a year"),
    (args) => pin(args, invocation),
  );

async function pin(args: Args, invocation: Invocation): Promise<void> {
  const context = contextOf(await openPlace(args, invocation), invocation, () => {});
  const request = { run: args.run, pin: !args.remove, config: configOf(args, invocation) };
  const runId = await pinRun(request, context);
  invocation.err(`run ${runId} is ${args.remove ? "not pinned any more" : "pinned"}\n`);
}
