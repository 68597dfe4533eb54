import { accessSync, constants, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Memory } from "../core/context.ts";
import { InfraError, UsageError } from "../core/errors.ts";
import { blake3Hex } from "./blake3.ts";
import { readBytes, writeBytes } from "./client-files.ts";
import { openKey } from "./client-key.ts";
import { codeOf } from "./error-code.ts";
import type { Env } from "./exec.ts";
import { makePrivate, ownPlace } from "./own-place.ts";

/** A workspace's memory, and why it is none where this account has no place for one. */
interface OpenedMemory {
  readonly memory: Memory;
  readonly warnings: readonly InfraError[];
}

const HINT =
  "set XDG_CACHE_HOME to a directory of this account, as an absolute path; without one nothing is remembered";

/**
 * Opens what this account remembers of a workspace: `${XDG_CACHE_HOME:-~/.cache}/pikaci/<workspace id>`, made with mode
 * 0700, and its key. Without a place that can be written there is no cache, and a warning. InfraError for a broken key,
 * UsageError for a workspace that is not there.
 */
export function openMemory(workspace: string, env: Env): OpenedMemory {
  const place = realPlace(workspace);
  const workspaceId = blake3Hex(place);
  const directory = attempt(() => makeCache(join(cachesDirectory(env), workspaceId), place));
  const { key, warning } = openKey(env);
  return {
    memory: { directory: directory instanceof InfraError ? null : directory, workspaceId, key },
    warnings: [directory, warning].filter((one) => one instanceof InfraError),
  };
}

/** Where the caches of all workspaces lie. InfraError when this account has no home. */
export function cachesDirectory(env: Env): string {
  return join(ownPlace(env, "XDG_CACHE_HOME", ".cache"), "pikaci");
}

/** The real path that a cache is of; null when it does not say so by name and by content. */
export function cachedWorkspace(directory: string): Buffer | null {
  const place = readBytes(join(directory, "workspace"));
  return place !== null && blake3Hex(place) === basename(directory) ? place : null;
}

function realPlace(workspace: string): Buffer {
  try {
    return realpathSync(workspace, { encoding: "buffer" });
  } catch (cause) {
    if (codeOf(cause) === null) throw cause;
    const hint = "name the directory of the project";
    throw new UsageError(`the workspace ${workspace} cannot be opened: ${codeOf(cause)}`, { hint, cause });
  }
}

function makeCache(directory: string, place: Buffer): string {
  makePrivate(dirname(directory));
  makePrivate(directory);
  accessSync(directory, constants.W_OK);
  if (cachedWorkspace(directory) === null) writeBytes(join(directory, "workspace"), place);
  return directory;
}

function attempt(make: () => string): string | InfraError {
  try {
    return make();
  } catch (cause) {
    const why = cause instanceof InfraError ? cause.message : codeOf(cause);
    if (why === null) throw cause;
    return new InfraError("client", `nothing is remembered of this workspace: ${why}`, { hint: HINT, cause });
  }
}
