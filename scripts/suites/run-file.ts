import { type ChildProcess, spawn } from "node:child_process";
import { endMarked, killMarked, markWith } from "./marked.ts";
import { quietLimit } from "./quiet-clock.ts";
import type { Ending } from "./verdict.ts";

const GRACE_SECONDS = 3;
const LOOK_MS = 250;

export interface FileRun {
  /** Node's words for the file. */
  readonly words: readonly string[];
  /** Seconds of a quiet machine. */
  readonly timeLimit: number;
  /** Unique to this run: names every process that comes of it. */
  readonly mark: string;
  readonly onStart?: ((pid: number) => void) | undefined;
}

/** Runs one test file in a process group of its own; at the time limit all that it started is killed. */
export async function runFile({ words, timeLimit, mark, onStart }: FileRun): Promise<Ending> {
  const start = Date.now();
  const child = spawn(process.execPath, ["--unhandled-rejections=strict", ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: markWith(mark),
  });
  if (child.pid !== undefined) onStart?.(child.pid);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  let timedOut = false;
  const isOver = quietLimit(timeLimit);
  const timer = setInterval(() => {
    if (timedOut || !isOver()) return;
    timedOut = true;
    killGroup(child);
    killMarked(mark);
  }, LOOK_MS);
  const closed = new Promise((resolve) => child.once("close", resolve));
  const exitCode = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearInterval(timer);
  const seconds = (Date.now() - start) / 1000;
  const leftBehind = await endMarked(mark, timedOut ? 0 : GRACE_SECONDS);
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
  return { output, exitCode, timedOut, leftBehind: timedOut ? [] : leftBehind, seconds };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is empty.
  }
}
