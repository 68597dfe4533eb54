import { realpathSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { type BytePath, bytePath } from "../core/byte-path.ts";
import { InfraError } from "../core/errors.ts";
import { keyDirectory } from "../system/client-key.ts";
import { cachesDirectory } from "../system/client-memory.ts";
import { codeOf } from "../system/error-code.ts";
import type { Env } from "../system/exec.ts";

/**
 * Tells what pikaci itself keeps for this account from the project's files, where the workspace is the account's home or
 * above it: the caches, which every run changes, the key, and the default work dir of this machine as a host.
 */
export function keptPaths(root: string, env: Env): (path: BytePath) => boolean {
  const below = keptBelow(root, env);
  return (path) => below.some((kept) => path === kept || path.startsWith(`${kept}/`));
}

/** The directories of what pikaci keeps that lie below `root`, relative to it, one latin1 character a byte. */
export function keptBelow(root: string, env: Env): readonly string[] {
  const top = realPath(root);
  return top === null ? [] : keptDirectories(env).flatMap((directory) => inside(top, realPath(directory)));
}

function keptDirectories(env: Env): string[] {
  const home = env.HOME ?? "";
  const workDir = isAbsolute(home) ? [join(home, ".local/state/pikaci")] : [];
  return [...orNone(() => cachesDirectory(env)), ...orNone(() => keyDirectory(env)), ...workDir];
}

function orNone(directory: () => string): string[] {
  try {
    return [directory()];
  } catch (error) {
    if (error instanceof InfraError) return [];
    throw error;
  }
}

/** Null where nothing is. */
function realPath(directory: string): BytePath | null {
  try {
    return bytePath(realpathSync.native(directory, { encoding: "buffer" }));
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return null;
  }
}

function inside(top: BytePath, directory: BytePath | null): string[] {
  const prefix = top === "/" ? top : `${top}/`;
  return directory?.startsWith(prefix) ? [directory.slice(prefix.length)] : [];
}
