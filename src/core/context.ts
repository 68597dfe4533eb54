import type { Emit } from "./events.ts";

/** Who wrote the tree. A stranger's tree gets only what was allowed, and none of its code runs outside a guest. */
export type Author = "trusted" | "stranger";

/** What every stage is given instead of ambient state. */
export interface Context {
  readonly emit: Emit;
  /** Aborted with a `CancelledError` as reason when the user asks to stop. */
  readonly signal: AbortSignal;
  readonly clock: () => Date;
  /** The caller's environment (NIX_SSHOPTS, CI variables); never `process.env` directly. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly author: Author;
  /** Absolute path of the working tree, whose records lie in `stateDir`. */
  readonly workspace: string;
  /** `.pikaci` of the workspace: records of runs. */
  readonly stateDir: string;
  readonly memory: Memory;
}

/** What this account remembers of a workspace, outside its tree; docs/caching.md. */
export interface Memory {
  /** An existing, writable directory; null where this account has no place for one, so that nothing is remembered. */
  readonly directory: string | null;
  /** BLAKE3 of the workspace's real path, 64 hex digits. */
  readonly workspaceId: string;
  /** The account's secret key, with which it seals what it remembers. */
  readonly key: Buffer;
}
