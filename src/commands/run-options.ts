import type { Argv } from "yargs";
import type { RunRequest } from "../operations/run.ts";
import { aHost, configOf, type Invocation, jsonOption, type PlaceArgs, placeOptions } from "./invocation.ts";
import { type NixArgs, nixFlags, nixOptionsOf } from "./nix-flags.ts";

/** What `run` and `plan` have in common. */
export function runOptions<T>(yargs: Argv<T>) {
  return nixFlags(jsonOption(placeOptions(yargs)))
    .positional("target", {
      type: "string",
      describe: "A target of the configuration; default: its defaultTarget",
    })
    .option("job", { type: "string", array: true, nargs: 1, describe: "Only this job (repeatable)" })
    .option("on", aHost)
    .option("base", {
      type: "string",
      requiresArg: true,
      describe: "Commit that changed files are taken against",
    })
    .option("force", {
      type: "boolean",
      default: false,
      describe: "Run what the target's filters would skip",
    });
}

export interface RunArgs extends PlaceArgs, NixArgs {
  readonly target: string | undefined;
  readonly job: readonly string[] | undefined;
  readonly on: string | undefined;
  readonly base: string | undefined;
  readonly force: boolean;
}

export function requestOf(
  args: RunArgs,
  { repair, verify }: Pick<RunRequest, "repair" | "verify">,
  invocation: Invocation,
): RunRequest {
  return {
    config: configOf(args, invocation),
    target: args.target ?? null,
    jobs: args.job ?? [],
    host: args.on ?? null,
    base: args.base ?? null,
    force: args.force,
    repair,
    verify,
    nix: nixOptionsOf(args, invocation),
  };
}
