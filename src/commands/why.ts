import { type Why, why } from "../operations/why.ts";
import {
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
  readonly job: string;
  readonly json: boolean;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      jsonOption(placeOptions(options))
        .positional("job", { type: "string", demandOption: true, describe: "A job of the configuration" })
        .example("$0 why unit", "which part of what its verdict depends on changed"),
    (args) => print(args, invocation),
  );

async function print(args: Args, invocation: Invocation): Promise<void> {
  const context = contextOf(await openPlace(args, invocation), invocation, () => {});
  const answer = await why(args.job, configOf(args, invocation), context);
  if (args.json) printJson(invocation, answer);
  else invocation.out(`${formatWhy(answer).join("\n")}\n`);
}

export function formatWhy({ job, runs, reason, changed, since }: Why): string[] {
  const verdict = {
    yes: "will run",
    no: "will not run",
    "unless prepared outputs are the same": "may not run",
  };
  const look = changed.includes("files") ? [`look: pikaci snapshot --diff ${since}`] : [];
  return [`${job} ${verdict[runs]}: ${reason}`, ...look];
}
