import type { Emit } from "./events.ts";

/** What every stage is given instead of ambient state. */
export interface Context {
  readonly emit: Emit;
  /** Aborted with a `CancelledError` as reason when the user asks to stop. */
  readonly signal: AbortSignal;
  readonly clock: () => Date;
  /** The caller's environment (NIX_SSHOPTS, CI variables); never `process.env` directly. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the working tree, whose records lie in `stateDir`. */
  readonly workspace: string;
  /** `.pikaci` of the workspace: records and caches. */
  readonly stateDir: string;
}
