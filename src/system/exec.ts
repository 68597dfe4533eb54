import { type ChildProcessByStdio, spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { abortError, InfraError } from "../core/errors.ts";
import { codeOf } from "./error-code.ts";
import { posixQuote } from "./quote.ts";

export type Env = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  readonly cwd?: string;
  /** The child's whole environment. */
  readonly env: Env;
  readonly input?: string | Buffer;
  /** Ends the child with SIGTERM; `run` then throws the cancellation. */
  readonly signal?: AbortSignal;
  /** Called with each line of stderr as it comes. */
  readonly onStderr?: (line: string) => void;
}

export interface Exit {
  /** 128 + n when ended by signal n. */
  readonly exitCode: number;
  /** The bytes as written: zx's own output is decoded text with stderr mixed in. */
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a program to its end, output in memory. A non-zero exit is data; a missing program is an error. */
export async function run(argv: readonly string[], options: RunOptions): Promise<Exit> {
  const { signal } = options;
  const { $ } = await import("zx/core");
  const shell = $({
    shell: "/bin/sh",
    prefix: "exec ",
    postfix: "",
    quote: posixQuote,
    nothrow: true,
    quiet: true,
    verbose: false,
    env: { ...options.env },
    input: options.input ?? "",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(signal === undefined ? {} : { signal }),
  });
  const child = shell`${argv}`;
  child.stdin.on("error", () => {});
  const stdout: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  if (options.onStderr !== undefined) createInterface({ input: child.stderr }).on("line", options.onStderr);
  const output = await child;
  if (signal?.aborted) throw abortError(signal);
  if (output.exitCode === 127) throw missingProgram(argv[0] ?? "");
  return {
    exitCode: output.exitCode ?? 128 + constants.signals[output.signal ?? "SIGKILL"],
    stdout: Buffer.concat(stdout),
    stderr: output.stderr,
  };
}

/** As `run`, without the shell and zx in between: for output of many megabytes, and quick starts. */
export async function capture(argv: readonly string[], options: RunOptions): Promise<Exit> {
  const { signal, input = "", ...place } = options;
  if (signal?.aborted) throw abortError(signal);
  const child = start(argv, place);
  const stop = () => child.kill();
  signal?.addEventListener("abort", stop);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A program need not read its input: that it closes it is no error.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  try {
    const exitCode = await ended(child, argv[0] ?? "");
    if (signal?.aborted) throw abortError(signal);
    return { exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function ended(child: StreamProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
    child.once("error", (error) => reject(codeOf(error) === "ENOENT" ? missingProgram(program) : error));
  });
}

export type StreamProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts a program for streaming: pipes on all three, nothing buffered; the caller ends it.
 * `detached`: in a session of its own, out of reach of the terminal's signals.
 */
export function start(
  argv: readonly string[],
  options: { readonly env: Env; readonly cwd?: string; readonly detached?: boolean },
): StreamProcess {
  const [program = "", ...words] = argv;
  return spawn(program, words, {
    env: { ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: options.detached ?? false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
}

export function missingProgram(program: string): InfraError {
  return new InfraError("client", `the program \`${program}\` is not on this machine's PATH`, {
    hint: `install the package that provides \`${program}\``,
  });
}
