import { execFile } from "node:child_process";
import { quietLimit } from "../../scripts/suites/quiet-clock.ts";
import { pause } from "./pause.ts";

export interface Completed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Runs a program with arguments, no shell; a signal counts as exit code 137. Never rejects for a failure. */
export function run(file: string, args: readonly string[], input = ""): Promise<Completed> {
  return new Promise((resolve) => {
    const options = { maxBuffer: Number.POSITIVE_INFINITY, encoding: "utf8" } as const;
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 137;
      resolve({ stdout, stderr: error?.code === "ENOENT" ? `${file}: not found` : stderr, exitCode });
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

/** Like `run`, but a program that fails is an error that shows the command and its stderr. */
export async function must(file: string, args: readonly string[], input = ""): Promise<string> {
  const done = await run(file, args, input);
  if (done.exitCode === 0) return done.stdout;
  throw new Error(`${[file, ...args].join(" ")}: exit ${done.exitCode}\n${input}${done.stderr}`);
}

/** Polls every 10 ms until `ready` gives a value; an error naming `what` after `seconds` of a quiet machine. */
export async function waitFor<T>(
  what: string,
  seconds: number,
  ready: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const isOver = quietLimit(seconds);
  const began = performance.now();
  for (;;) {
    const value = await ready();
    if (value !== undefined) return value;
    if (isOver()) throw new Error(`${what}: not within ${seconds} s`);
    await pause(began, 10);
  }
}
