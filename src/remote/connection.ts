import type { HostSpec } from "../core/project.ts";
import type { Env } from "../system/exec.ts";
import type { CopyScheme } from "./copy-scheme.ts";

/** A message from a host program: `<type> <length>\n<body>` on its stdout; docs/protocol.md. */
export interface Frame<Type extends string = string> {
  readonly type: Type;
  readonly body: Buffer;
}

/** The host programs, each a file in `src/host`. */
export type ProgramName =
  | "session"
  | "publish"
  | "trust"
  | "prepare"
  | "runner"
  | "guard"
  | "hold"
  | "attach"
  | "cancel"
  | "jobs"
  | "artifacts"
  | "artifacts-out"
  | "share"
  | "tree-out"
  | "pin"
  | "gc"
  | "doctor"
  | "kvm";

/** Shell variables of a host program; names are `[a-z_]+`, values any text without NUL. */
export type Params = Readonly<Record<string, string>>;

/** A running host program. Whoever opens a channel must read its frames to the end or call `kill`. */
export interface Channel<Type extends string = string> {
  /** Waits while the pipe is full; after the program has ended, data is dropped. */
  write(data: string | Uint8Array): Promise<void>;
  /** EOF on the program's stdin. */
  end(): void;
  /** Frames in order; an `error` frame is thrown as its PikaciError, a broken frame as InfraError. */
  frames(): AsyncIterable<Frame<Type>>;
  /** Resolves when the program and its pipes are closed; rejects with InfraError("network") if the connection broke. */
  readonly closed: Promise<{ readonly exitCode: number }>;
  /** Resolves when the program's output ends; on a shared connection that may be long before `closed`. */
  readonly outputEnded: Promise<void>;
  /** The last lines (at most 64 KiB) of the program's stderr so far. */
  stderr(): string;
  /** Ends the client's side at once. */
  kill(): void;
}

export interface OpenOptions {
  /** Sends a newline every 2 s so that the host knows the client lives. */
  readonly heartbeat?: boolean;
  /** Called with each line of the program's stderr. */
  readonly onStderr?: (line: string) => void;
  /** The program outlives the channel: `kill` and `close` leave it alone. */
  readonly outlives?: boolean;
}

/** One host for one run: over one private ssh master, or this machine. */
export interface Connection {
  readonly host: HostSpec;
  /** Only `program.ts` calls this; it has the types of parameters and frames. */
  open(program: ProgramName, params: Params, options?: OpenOptions): Promise<Channel>;
  /** A program will be opened soon: where that takes round trips, a channel waits for it. */
  standBy(): void;
  /** Whether the connection to the host still works. */
  isThere(): Promise<boolean>;
  /** For `nix copy`: the store URL and the environment that makes Nix use this connection. */
  nixStore(scheme?: CopyScheme): { readonly url: string; readonly env: Env };
  /** Ends every channel and the master; leaves nothing behind on this machine. */
  close(): Promise<void>;
}

/** A connection that stays between runs. Each run has a session of its own, and ends the channels that it opened. */
export interface StandingConnection extends Connection {
  /** Resolves when the host has answered; rejects when it could not be reached. */
  readonly ready: Promise<void>;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Opens ahead what the next run will need. */
  prepare(): void;
}
