import { chmodSync, existsSync, lstatSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { InfraError } from "../core/errors.ts";
import type { Env } from "./exec.ts";
import { makeDirectories } from "./own-directory.ts";

/** A base directory of the XDG specification, whose relative values do not count. InfraError when there is none. */
export function ownPlace(env: Env, variable: string, below: string): string {
  const named = env[variable] ?? "";
  if (isAbsolute(named)) return named;
  const home = env.HOME ?? "";
  if (isAbsolute(home) && existsSync(home)) return join(home, below);
  throw new InfraError("client", `this account has no home: HOME is ${JSON.stringify(env.HOME ?? "")}`);
}

/** Makes a directory that only this account sees into. InfraError when something else is there. */
export function makePrivate(directory: string): void {
  makeDirectories(directory, 0o700);
  const stat = lstatSync(directory);
  const { uid, mode } = stat;
  if (!stat.isDirectory() || uid !== (process.getuid?.() ?? uid))
    throw new InfraError("client", `${directory} is not a directory of this account`);
  if ((mode & 0o077) !== 0) chmodSync(directory, 0o700);
}
