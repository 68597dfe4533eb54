import { createInterface } from "node:readline";
import * as z from "zod";
import { CancelledError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import { sanitise } from "../../report/sanitise.ts";
import { type Env, type StreamProcess, start } from "../../system/exec.ts";
import type { Notice } from "./listeners.ts";

/** How the command line is called for this project, as the server itself was. */
interface Program {
  /** Node, its own options, and the program. */
  readonly argv: readonly string[];
  /** What every command is given: workspace, configuration, `--untrusted`. */
  readonly place: readonly string[];
  readonly env: Env;
}

const started = z.looseObject({ type: z.literal("run-started"), run_id: z.string() });

/**
 * Runs its arguments until they end or stdin does, then with SIGTERM, which is all that is left of a server that was killed. The
 * watcher's group has no part of the pipes, so that they close with the program.
 */
const BOUND = [
  "exec 3<&0",
  '"$@" 3<&- </dev/null & child=$!',
  '{ cat <&3; kill -TERM "$child"; } >/dev/null 2>&1 & watcher=$!',
  'wait "$child"; code=$?',
  'kill "$watcher" 2>/dev/null',
  'exit "$code"',
].join("\n");

/** More at once would rather be a mistake. */
const MOST_CHILDREN = 8;

/** Of what a command says at its end, so much is shown. */
const SAID_LINES = 6;

/** Commands that pages have started. They end with the server. */
export class Children {
  readonly #program: Program;
  readonly #tell: (notice: Notice) => void;
  readonly #running = new Map<StreamProcess, Promise<void>>();

  constructor(program: Program, tell: (notice: Notice) => void) {
    this.#program = program;
    this.#tell = tell;
  }

  /** Starts `pikaci rerun`, and tells the new run when it has begun, else why not. What it answers at once. */
  rerun(run: RunId, failedOnly: boolean): string | null {
    const words = ["rerun", run, "--events", "-", "--quiet", ...(failedOnly ? ["--failed"] : [])];
    return this.#start(words, `rerun of ${run}`) ? "it begins …" : null;
  }

  /** Starts `pikaci cancel`, and tells what it says when it is done. What it answers at once; null: too many. */
  cancel(run: RunId, job: string | null): string | null {
    const words = ["cancel", run, ...(job === null ? [] : ["--job", job])];
    return this.#start(words, `cancel ${job ?? run}`) ? "it is being cancelled …" : null;
  }

  /** Ends all of them, and waits until they have cleaned up. */
  async end(): Promise<void> {
    for (const child of this.#running.keys()) child.stdin.end();
    await Promise.all(this.#running.values());
  }

  #start(words: readonly string[], what: string): boolean {
    if (this.#running.size >= MOST_CHILDREN) return false;
    const { argv, place, env } = this.#program;
    // A terminal's Ctrl-C is for the server, which ends each of them once: a second signal would skip their cleaning up.
    const child = start(["sh", "-c", BOUND, "sh", ...argv, ...words, ...place], { env, detached: true });
    child.stdin.on("error", () => {});
    this.#running.set(child, this.#follow(child, what));
    return true;
  }

  async #follow(child: StreamProcess, what: string): Promise<void> {
    let run: string | null = null;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const id = run === null ? startedRun(line) : null;
      if (id === null) return;
      run = id;
      this.#tell({ text: `${what}: run ${id} has begun`, run: id, bad: false });
    });
    const said: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => {
      said.push(sanitise(line));
      if (said.length > SAID_LINES) said.shift();
    });
    const code = await new Promise<number | null>((done) => {
      child.once("close", done);
      child.once("error", (error) => {
        said.push(error.message);
        done(null);
      });
    });
    child.stdin.end();
    this.#running.delete(child);
    // What became of a run that has begun is on its own page.
    if (run === null) this.#tell({ text: [`${what}:`, ...said].join("\n"), run: null, bad: code !== 0 });
  }
}

function startedRun(line: string): string | null {
  try {
    const event = started.safeParse(JSON.parse(line));
    return event.success ? event.data.run_id : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The exit code of a server that was told to end. */
export function exitCodeOf(reason: unknown): number {
  return reason instanceof CancelledError ? reason.exitCode : 130;
}
