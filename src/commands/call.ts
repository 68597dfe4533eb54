import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { findWorkspace } from "../config/config-file.ts";
import type { Author, Context, Memory } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import type { StateDir } from "../runs/state-dir.ts";
import { type Invocation, silent } from "./invocation.ts";
import type { ValuesOf } from "./spec.ts";
import type { place } from "./table/options.ts";

/** A call of a command: the process, and the project that the command line names. */
export interface Call {
  readonly invocation: Invocation;
  /** Absolute path of the workspace. */
  readonly workspace: string;
  /** Absolute path of the configuration that was named; null: the workspace's own. */
  readonly config: string | null;
  readonly author: Author;
}

/** A call that may read and write the workspace's `.pikaci`, and what this account remembers of it. */
export interface Place extends Call {
  readonly stateDir: StateDir;
  readonly memory: Memory;
  /** The context of an operation. Events go to `emit`, first the warnings why not everything is remembered; absent: to nobody. */
  readonly context: (emit?: Emit) => Context;
}

/** Runs a command and returns the exit code. Expected failures are thrown. */
export type Handler<Args> = (args: Args, call: Call) => number | Promise<number>;

/** UsageError when the directory of `-C` or the file of `--config` does not exist. */
export function makeCall(args: Partial<ValuesOf<typeof place>>, invocation: Invocation): Call {
  return {
    invocation,
    workspace: workspaceOf(args.workspace ?? null, invocation.cwd),
    config: configOf(args.config ?? null, invocation.cwd),
    author: args.untrusted === true ? "stranger" : "trusted",
  };
}

/** Every command that reads or writes `.pikaci` begins with this. SnapshotRefused when `.pikaci` cannot be trusted. */
export async function openPlace(call: Call): Promise<Place> {
  const { contextIn, openPlace: openWorkspace } = await import("../runs/place.ts");
  const { env, signal } = call.invocation;
  const place = await openWorkspace(call.workspace, call.invocation);
  const context = (emit = silent) => contextIn(place, { env, signal, author: call.author }, emit);
  return { ...call, stateDir: place.stateDir, memory: place.memory, context };
}

function workspaceOf(named: string | null, cwd: string): string {
  if (named === null) return findWorkspace(cwd);
  const workspace = resolve(cwd, named);
  if (statSync(workspace, { throwIfNoEntry: false })?.isDirectory()) return workspace;
  throw new UsageError(`--workspace: ${workspace} is not a directory`, {
    hint: "name the directory of the project",
  });
}

function configOf(named: string | null, cwd: string): string | null {
  if (named === null) return null;
  const file = resolve(cwd, named);
  if (existsSync(file)) return file;
  throw new UsageError(`--config: ${file} does not exist`, {
    hint: "leave --config out to use the workspace's own",
  });
}
