import { cancelRun } from "../operations/cancel.ts";
import {
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

interface Args extends PlaceArgs {
  readonly run: string;
  readonly job: string | undefined;
  readonly json: boolean;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      jsonOption(placeOptions(options))
        .positional("run", { ...aRun, demandOption: true })
        .option("job", { type: "string", requiresArg: true, describe: "Only this job" })
        .example("$0 cancel latest", "the latest run, wherever its client is")
        .example("$0 cancel latest --job unit", "one job of it; the others go on"),
    (args) => cancel(args, invocation),
  );

async function cancel(args: Args, invocation: Invocation): Promise<void> {
  const context = contextOf(await openPlace(args, invocation), invocation, () => {});
  const request = { run: args.run, job: args.job ?? null, config: configOf(args, invocation) };
  const { record, ended } = await cancelRun(request, context);
  if (args.json) printJson(invocation, { ended, record });
  else if (ended.length === 0)
    invocation.err(`run ${record.run_id} had ended before: ${record.status ?? record.state}\n`);
  else invocation.err(`nothing of ${ended.join(", ")} is left on ${record.host}\n`);
}
