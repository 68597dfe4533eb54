import type { Emit } from "../core/events.ts";
import { type Paint, painter, wantsColor } from "../report/style.ts";
import type { Env } from "../system/exec.ts";

/** The process as a command sees it. */
export interface Invocation {
  readonly cwd: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  /** Data, on stdout. */
  readonly out: (text: string | Uint8Array) => void;
  /** Everything else, on stderr. */
  readonly err: (text: string) => void;
  /** From now on sends what goes to `err` to `taker` (null ends that), and returns a function that writes to stderr itself. */
  readonly takeErr: (taker: ((text: string) => void) | null) => (text: string) => void;
  readonly outIsTerminal: boolean;
  /** Width of the terminal on stdout; 100 when stdout is not a terminal. */
  readonly outColumns: () => number;
  readonly errIsTerminal: boolean;
  /** The present width of the terminal on stderr. */
  readonly errSize: () => { readonly columns: number; readonly rows: number };
}

export const silent: Emit = () => {};

export function outPaint({ env, outIsTerminal }: Invocation): Paint {
  return painter(wantsColor(env, outIsTerminal));
}

export function errPaint({ env, errIsTerminal }: Invocation): Paint {
  return painter(wantsColor(env, errIsTerminal));
}

export function printJson({ out }: Invocation, value: unknown): void {
  out(`${JSON.stringify(value, null, 2)}\n`);
}

export function printLines({ out }: Invocation, lines: readonly string[]): void {
  out(lines.map((line) => `${line}\n`).join(""));
}
