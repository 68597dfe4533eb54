import type { Argv } from "yargs";
import type { NixOptions } from "../core/plan.ts";
import { type NixFlags, nixOptions } from "../nix/options.ts";
import type { Invocation } from "./invocation.ts";

const GROUP = "Nix's own flags, for every Nix command of the run:";

/** Adds Nix's own flags, each with Nix's meaning; words after `--` go to `nix build` as they are. */
export function nixFlags<T>(yargs: Argv<T>) {
  return yargs
    .option("option", {
      type: "string",
      array: true,
      nargs: 2,
      group: GROUP,
      describe: "Set a setting, NAME VALUE (repeatable)",
    })
    .option("override-input", {
      type: "string",
      array: true,
      nargs: 2,
      group: GROUP,
      describe: "Another flake for an input, INPUT FLAKE (repeatable)",
    })
    .option("impure", { type: "boolean", group: GROUP, describe: "Let evaluation see more than its inputs" })
    .option("accept-flake-config", {
      type: "boolean",
      group: GROUP,
      describe: "Follow the flake's `nixConfig`",
    })
    .option("refresh", { type: "boolean", group: GROUP, describe: "Take what was downloaded as out of date" })
    .option("offline", { type: "boolean", group: GROUP, describe: "No substituters, nothing out of date" })
    .option("keep-going", {
      alias: "k",
      type: "boolean",
      group: GROUP,
      describe: "Build the rest after a failure",
    })
    .option("show-trace", { type: "boolean", group: GROUP, describe: "Whole traces of evaluation errors" })
    .option("max-jobs", {
      alias: "j",
      type: "string",
      requiresArg: true,
      group: GROUP,
      describe: "Builds at once; 0: on other machines only",
    })
    .option("cores", {
      type: "string",
      requiresArg: true,
      group: GROUP,
      describe: "Cores that a build may use",
    })
    .option("builders", {
      type: "string",
      requiresArg: true,
      group: GROUP,
      describe: "Other machines to build on",
    });
}

/** As yargs has them after parsing. */
export interface NixArgs {
  readonly option: readonly string[] | undefined;
  readonly overrideInput: readonly string[] | undefined;
  readonly impure: boolean | undefined;
  readonly acceptFlakeConfig: boolean | undefined;
  readonly refresh: boolean | undefined;
  readonly offline: boolean | undefined;
  readonly keepGoing: boolean | undefined;
  readonly showTrace: boolean | undefined;
  readonly maxJobs: string | undefined;
  readonly cores: string | undefined;
  readonly builders: string | undefined;
  readonly "--"?: readonly string[] | undefined;
}

export function nixOptionsOf(args: NixArgs, { cwd }: Invocation): NixOptions {
  const flags: NixFlags = { ...args, rest: args["--"] };
  return nixOptions(flags, cwd);
}
