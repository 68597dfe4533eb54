import type { Env } from "./exec.ts";

/** Switches it off, here and on hosts. */
const NO_SYNC_VARIABLE = "PIKACI_NO_SYNC";

/** Whether what decides is on the disk before it has its name, so that it outlives a power cut; docs/state-layout.md. */
export function isDurable({ env }: { readonly env: Env }): boolean {
  return (env[NO_SYNC_VARIABLE] ?? "") === "";
}
