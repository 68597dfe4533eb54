import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Context } from "../core/context.ts";
import { ConfigError } from "../core/errors.ts";
import type { NixContext } from "../nix/client.ts";
import { isFlakeConfig } from "./flake-sign.ts";
import { EXACT_VALUE, exactValue } from "./flake-value.ts";

export const FLAKE_FILE = "flake.nix";

/** What reading a configuration needs; only a flake's needs Nix. */
export interface ConfigContext extends NixContext, Pick<Context, "author"> {
  /** Further arguments for `nix eval`. */
  readonly nixWords?: readonly string[];
}

/** The workspace's `flake.nix` when its text says that it is a configuration. Nix is not asked. */
export function findFlake(workspace: string): string | null {
  const path = join(workspace, FLAKE_FILE);
  return isFile(path) && isFlakeConfig(readFileSync(path, "utf8")) ? path : null;
}

/** Whether there is a `flake.nix` that names pikaci and yet is no configuration by its text. */
export function hasUnclearFlake(workspace: string): boolean {
  const path = join(workspace, FLAKE_FILE);
  return isFile(path) && /\bpikaci\b/.test(readFileSync(path, "utf8")) && findFlake(workspace) === null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** The value of a flake's output `pikaci`. ConfigError with Nix's message when it cannot be evaluated. */
export async function readFlakeConfig(path: string, context: ConfigContext): Promise<unknown> {
  const value = await readOutput(path, "pikaci", context);
  return isPackage(value) ? readHidden(path, context) : value;
}

/** Whether the value is a package: for `pikaci`, Nix prefers a package of that name, whose JSON is its store path. */
function isPackage(value: unknown): boolean {
  return typeof value === "string";
}

/** Later versions of Nix read `.pikaci` as the output itself. */
async function readHidden(path: string, context: ConfigContext): Promise<unknown> {
  try {
    return await readOutput(path, ".pikaci", context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      `${path} gives no configuration: \`packages.<system>.pikaci\` hides the output \`pikaci\` from this machine's Nix, or there is none`,
      {
        hint: "give the package another name, use a later Nix (2.26 reads both), or write a pikaci.config.ts",
        cause: error,
      },
    );
  }
}

async function readOutput(path: string, attr: string, context: ConfigContext): Promise<unknown> {
  return exactValue(JSON.parse(await evaluated(path, attr, context)), `${path}: pikaci`);
}

async function evaluated(path: string, attr: string, context: ConfigContext): Promise<string> {
  const { evalFlake } = await import("../nix/client.ts");
  try {
    const words = ["--no-update-lock-file", "--apply", EXACT_VALUE, ...(context.nixWords ?? [])];
    return await evalFlake(dirname(path), attr, words, context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`${path} gives no configuration: ${error.message}`, {
      hint: "let the flake have an output `pikaci` with `jobs`, and `git add` every file that it is made of",
      cause: error,
    });
  }
}
