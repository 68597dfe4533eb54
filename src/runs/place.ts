import type { Author, Context, Memory } from "../core/context.ts";
import type { InfraError } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import { KEY_VARIABLE } from "../system/client-key.ts";
import { openMemory } from "../system/client-memory.ts";
import { openStateDir, type StateDir } from "./state-dir.ts";

/** A workspace that pikaci may work in: its `.pikaci` was checked, and what this account remembers of it is open. */
export interface Place {
  readonly workspace: string;
  readonly stateDir: StateDir;
  readonly memory: Memory;
  /** Why nothing, or not everything, is remembered. */
  readonly warnings: readonly InfraError[];
}

/** Every command that reads or writes a workspace's `.pikaci` begins with this. SnapshotRefused, InfraError, UsageError. */
export async function openPlace(
  workspace: string,
  { env, signal }: Pick<Context, "env" | "signal">,
): Promise<Place> {
  const stateDir = await openStateDir(workspace, { env, signal });
  return { workspace, stateDir, ...openMemory(workspace, env) };
}

/** Emits the place's warnings. Programs that are started with this context do not get the account's key. */
export function contextIn(
  { workspace, stateDir, memory, warnings }: Place,
  { env, signal, author = "trusted" }: Pick<Context, "env" | "signal"> & { readonly author?: Author },
  emit: Emit,
): Context {
  for (const { message, hint = null } of warnings) emit({ type: "warning", message, hint });
  const kept = Object.entries(env).filter(([name]) => name !== KEY_VARIABLE);
  return {
    emit,
    signal,
    env: Object.fromEntries(kept),
    clock: () => new Date(),
    author,
    workspace,
    stateDir,
    memory,
  };
}
