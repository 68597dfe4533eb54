import type { NixOptions } from "../core/plan.ts";
import { nixOptions } from "../nix/options.ts";
import type { RunRequest } from "../operations/run.ts";
import type { Call } from "./call.ts";
import type { ValuesOf } from "./spec.ts";
import type { nix } from "./table/options.ts";
import type { Args } from "./table.ts";

/** What says which jobs, where and how Nix is called: of `run` and `plan`. */
export type Selection = Omit<Args<"plan">, "json">;

/** What was asked of a run or a plan. */
export function requestOf(args: Selection, call: Call): RunRequest {
  return {
    config: call.config,
    target: args.target,
    jobs: args.job,
    host: args.on,
    base: args.base,
    force: args.force,
    repair: false,
    verify: false,
    nix: nixOptionsOf(args, call),
  };
}

/** Nix's own flags, and words after `--`, which go to `nix build` as they are. */
export function nixOptionsOf(
  args: ValuesOf<typeof nix> & { readonly rest: readonly string[] },
  { invocation: { cwd } }: Call,
): NixOptions {
  return nixOptions(args, cwd);
}
