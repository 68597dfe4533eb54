import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Argv } from "yargs";
import { findWorkspace } from "../config/config-file.ts";
import type { Context } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import { type Paint, painter, wantsColor } from "../report/style.ts";
import { openStateDir, type StateDir } from "../runs/state-dir.ts";
import type { Env } from "../system/exec.ts";

/** The process as a command sees it. */
export interface Invocation {
  /** Every command there is. */
  readonly commands: Readonly<Record<string, Listed>>;
  readonly cwd: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  /** Data, on stdout. */
  readonly out: (text: string | Uint8Array) => void;
  /** Everything else, on stderr. */
  readonly err: (text: string) => void;
  /** Gives `taker` what goes to `err` from now on (null ends that), and returns what writes to stderr itself. */
  readonly takeErr: (taker: ((text: string) => void) | null) => (text: string) => void;
  readonly outIsTerminal: boolean;
  /** Width of the terminal that stdout is; 100 where it is none. */
  readonly outColumns: () => number;
  readonly errIsTerminal: boolean;
  /** Of the terminal that stderr is, now. */
  readonly errSize: () => { readonly columns: number; readonly rows: number };
  readonly setExitCode: (code: number) => void;
}

/** A command of the command line; its module is loaded only when it is called. */
export interface Listed {
  readonly usage: string;
  readonly describe: string;
  readonly load: () => Promise<{ readonly register: Register }>;
}

/** A command registers itself, under the words that it is listed with. */
export type Register = (
  yargs: Argv,
  invocation: Invocation,
  listed: Pick<Listed, "usage" | "describe">,
) => Argv;

/** What several commands ask for. */
export const aRun = { type: "string", describe: "Run id, an unambiguous prefix of one, or latest" } as const;
export const aHost = {
  type: "string",
  requiresArg: true,
  describe: "Host: local, a name of the configuration, or ssh://[user@]host[:port]",
} as const;
export const someHosts = {
  type: "string",
  array: true,
  nargs: 1,
  describe: "Only this host (repeatable); default: every host of the configuration",
} as const;

export interface PlaceArgs {
  readonly workspace: string | undefined;
  readonly config: string | undefined;
}

/** Adds the options that every command about a workspace has. */
export function placeOptions<T>(yargs: Argv<T>) {
  return yargs
    .option("workspace", {
      alias: "C",
      type: "string",
      requiresArg: true,
      describe: "Directory of the project; default: found from here upwards",
    })
    .option("config", {
      type: "string",
      requiresArg: true,
      describe: "Configuration file; default: pikaci.config.{ts,mjs,json}, else flake.nix",
    });
}

export function jsonOption<T>(yargs: Argv<T>) {
  return yargs.option("json", { type: "boolean", default: false, describe: "Print JSON on stdout" });
}

/** The workspace's absolute path. UsageError when it is no directory. */
export function workspaceOf(args: Pick<PlaceArgs, "workspace">, { cwd }: Invocation): string {
  if (args.workspace === undefined) return findWorkspace(cwd);
  const workspace = resolve(cwd, args.workspace);
  if (statSync(workspace, { throwIfNoEntry: false })?.isDirectory()) return workspace;
  throw new UsageError(`--workspace: ${workspace} is no directory`, {
    hint: "name the directory of the project",
  });
}

/** The configuration file that was named, as an absolute path; null when none was. UsageError. */
export function configOf(args: PlaceArgs, { cwd }: Invocation): string | null {
  if (args.config === undefined) return null;
  const file = resolve(cwd, args.config);
  if (existsSync(file)) return file;
  throw new UsageError(`--config: ${file} does not exist`, {
    hint: "leave --config out to use the workspace's own",
  });
}

/** A workspace whose `.pikaci` was looked at: what every command that reads or writes there begins with. */
export interface Place {
  readonly workspace: string;
  readonly stateDir: StateDir;
}

/** UsageError when the workspace is no directory, SnapshotRefused when its `.pikaci` is not to be trusted. */
export async function openPlace(args: Pick<PlaceArgs, "workspace">, invocation: Invocation): Promise<Place> {
  const workspace = workspaceOf(args, invocation);
  return { workspace, stateDir: await openStateDir(workspace, invocation) };
}

export function contextOf({ workspace, stateDir }: Place, { env, signal }: Invocation, emit: Emit): Context {
  return { emit, signal, env, clock: () => new Date(), workspace, stateDir };
}

export function outPaint({ env, outIsTerminal }: Invocation): Paint {
  return painter(wantsColor(env, outIsTerminal));
}

export function errPaint({ env, errIsTerminal }: Invocation): Paint {
  return painter(wantsColor(env, errIsTerminal));
}

export function printJson({ out }: Invocation, value: unknown): void {
  out(`${JSON.stringify(value, null, 2)}\n`);
}
