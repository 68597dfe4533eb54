import { setTimeout as wait } from "node:timers/promises";
import { quietLimit } from "../../scripts/suites/quiet-clock.ts";
import { dispatch } from "../../src/commands/dispatch.ts";
import { CancelledError, PikaciError } from "../../src/core/errors.ts";
import type { Env } from "../../src/system/exec.ts";

/** How a command ended: its exit code, all that it said, and what must not be: null when nothing of that kind was seen. */
export interface Ending {
  readonly code: number;
  readonly text: string;
  readonly problem: string | null;
}

/** docs/exit-codes.md */
const CODES = [0, 1, 2, 3, 4, 5, 124, 130];

/** What a person must never be shown: a fault, a stack, or a value that was not there. */
const FAULT =
  /bug in pikaci|\n\s+at \S+ ?\(|(?<!received )\bundefined\b|\[object Object\]|\bNaN\b|ZodError|TypeError/;

/** Does what a command line says, in this process, as `cli.ts` does: without a terminal. At most `seconds` of a quiet machine. */
export async function call(
  cwd: string,
  env: Env,
  words: readonly string[],
  seconds: number,
): Promise<Ending> {
  const said: string[] = [];
  const say = (text: string | Uint8Array) => void said.push(Buffer.from(text).toString("utf8"));
  const controller = new AbortController();
  const ended = ending(
    dispatch(words, {
      ...{ cwd, env, signal: controller.signal, out: say, err: say, takeErr: () => say },
      ...{ outIsTerminal: false, errIsTerminal: false, outColumns: () => 100 },
      errSize: () => ({ columns: 80, rows: 24 }),
    }),
    said,
  );
  const over = new AbortController();
  const late = outlasted(seconds, over.signal);
  const first = await Promise.race([ended, late]);
  over.abort();
  if (first !== null) return first;
  controller.abort(new CancelledError("SIGTERM"));
  return { code: 3, text: said.join(""), problem: `did not end within ${seconds} s` };
}

async function ending(command: Promise<number>, said: readonly string[]): Promise<Ending> {
  try {
    const code = await command;
    return judged(code, said.join(""));
  } catch (error) {
    const text = said.join("");
    if (error instanceof PikaciError)
      return judged(error.exitCode, `${text}\nerror: ${error.message}\nhint: ${error.hint ?? ""}`);
    const stack = error instanceof Error ? error.stack : String(error);
    return { code: 3, text, problem: `a bug in pikaci: ${stack}` };
  }
}

function judged(code: number, text: string): Ending {
  const fault = FAULT.exec(text);
  if (fault !== null) return { code, text, problem: `says ${JSON.stringify(fault[0])}` };
  return { code, text, problem: CODES.includes(code) ? null : `exit code ${code}` };
}

async function outlasted(seconds: number, signal: AbortSignal): Promise<null> {
  const isOver = quietLimit(seconds);
  while (!isOver() && !signal.aborted) await wait(100, null, { ref: false });
  return null;
}
