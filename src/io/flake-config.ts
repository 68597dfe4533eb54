import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ConfigError } from "../errors.ts";
import type { NixContext } from "./nix.ts";

export const FLAKE_FILE = "flake.nix";

/** What reading a configuration needs: only a flake's asks Nix. */
export interface ConfigContext extends NixContext {
  /** Further words for `nix eval`. */
  readonly nixWords?: readonly string[];
}

/** The workspace's `flake.nix` when it can have an output `pikaci`: its text names it. Nix is not asked. */
export function findFlake(workspace: string): string | null {
  const path = join(workspace, FLAKE_FILE);
  return existsSync(path) && /\bpikaci\b/.test(readFileSync(path, "utf8")) ? path : null;
}

/** The value of a flake's output `pikaci`. ConfigError with Nix's own words when it cannot be had. */
export async function readFlakeConfig(path: string, context: ConfigContext): Promise<unknown> {
  const { evalFlake } = await import("./nix.ts");
  try {
    const words = ["--no-update-lock-file", ...(context.nixWords ?? [])];
    return JSON.parse(await evalFlake(dirname(path), "pikaci", words, context));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`${path} gives no configuration: ${error.message}`, {
      hint: "let the flake have an output `pikaci` with `jobs`, and `git add` every file that it is made of",
      cause: error,
    });
  }
}
