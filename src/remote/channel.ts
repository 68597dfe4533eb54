import { PassThrough } from "node:stream";
import { InfraError, type PikaciError } from "../core/errors.ts";
import type { StreamProcess } from "../system/exec.ts";
import type { Channel, Frame, OpenOptions } from "./connection.ts";
import { FrameDecoder, frameError } from "./frames.ts";

const HEARTBEAT_MS = 2_000;
const STDERR_LIMIT = 64 * 1024;
/** Up to this size, what was written before the program's first answer is kept, to be sent again on another try. */
const REPLAY_LIMIT = 1024 * 1024;

/** A document of known length, as `take_file` reads it; one write, so that no heartbeat falls into it. */
export function documentBytes(body: string | Uint8Array): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(`${bytes.length}\n`), bytes]);
}

/** Ends a stream of chunks; a chunk has the form of a document and is never empty. */
export const END_OF_CHUNKS = "0\n";

export interface ProcessExit {
  /** Null when a signal ended the process. */
  readonly code: number | null;
  readonly stderr: string;
  /** Whether the program had sent anything. */
  readonly answered: boolean;
}

/** How a channel's process is started, and what its end means. */
export interface ProcessSource {
  /** For messages: the program and the host. */
  readonly label: string;
  spawn(): StreamProcess;
  /** The error when the connection broke; null when the program itself ended. */
  explain(exit: ProcessExit): PikaciError | null | Promise<PikaciError | null>;
  /** Milliseconds until another try when the host turned this one away; null: no other try. */
  retryAfter(exit: ProcessExit, attempt: number): number | null;
  /** Ends the client's side; the program then sees EOF. */
  kill(child: StreamProcess): void;
}

/** A channel over a process's pipes; `preface` is written first. */
export class ProcessChannel implements Channel {
  readonly closed: Promise<{ readonly exitCode: number }>;
  /** Resolves at the program's first byte; never when there is none. */
  readonly answered: Promise<void>;
  readonly outputEnded: Promise<void>;
  readonly #source: ProcessSource;
  readonly #options: OpenOptions;
  readonly #output = new PassThrough();
  readonly #frames: AsyncGenerator<Frame, void, undefined>;
  #child: StreamProcess;
  #stderr = "";
  #line = "";
  #replay: Buffer[] | null = [];
  #ended = false;
  #over = false;
  #answered = false;
  #killed = false;
  #attempt = 1;
  #settle: (exit: ProcessExit) => void = () => {};
  #answer: () => void = () => {};
  #endOutput: () => void = () => {};

  constructor(source: ProcessSource, preface: Buffer, options: OpenOptions = {}) {
    this.#source = source;
    this.#options = options;
    this.answered = new Promise((resolve) => {
      this.#answer = resolve;
    });
    this.outputEnded = new Promise((resolve) => {
      this.#endOutput = resolve;
    });
    const exited = new Promise<ProcessExit>((resolve) => {
      this.#settle = resolve;
    });
    this.closed = exited.then((exit) => this.#conclude(exit));
    this.closed.catch(() => {});
    this.#child = this.#start();
    this.#record(preface);
    this.#child.stdin.write(preface);
    this.#frames = this.#decode();
    if (options.heartbeat === true) this.beat();
  }

  /** Sends heartbeats from now on. */
  beat(): void {
    const timer = setInterval(() => {
      const { stdin } = this.#child;
      if (!stdin.destroyed && !this.#ended && !stdin.writableNeedDrain) stdin.write("\n");
    }, HEARTBEAT_MS);
    timer.unref();
    const stop = () => clearInterval(timer);
    this.closed.then(stop, stop);
  }

  /** Nothing has ended it yet. */
  isOpen(): boolean {
    return !this.#over && !this.#killed;
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (this.#over || this.#ended) return;
    const bytes = Buffer.from(data);
    this.#record(bytes);
    const { stdin } = this.#child;
    if (stdin.destroyed || stdin.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        stdin.off("drain", done).off("close", done);
        resolve();
      };
      stdin.on("drain", done).on("close", done);
    });
  }

  end(): void {
    this.#ended = true;
    this.#child.stdin.end();
  }

  frames(): AsyncIterable<Frame> {
    // Without `return`: leaving a loop early must not end the stream, the conversation goes on.
    return { [Symbol.asyncIterator]: () => ({ next: () => this.#frames.next() }) };
  }

  hasAnswered(): boolean {
    return this.#answered;
  }

  stderr(): string {
    return this.#stderr;
  }

  kill(): void {
    if (this.#over || this.#killed) return;
    this.#killed = true;
    this.#output.resume();
    this.#source.kill(this.#child);
  }

  #start(): StreamProcess {
    const child = this.#source.spawn();
    child.on("error", (error) => this.#noteStderr(`${error.message}\n`));
    child.stdin.on("error", () => {});
    child.stdout.once("data", () => {
      this.#replay = null;
      this.#answered = true;
      this.#answer();
    });
    child.stdout.once("end", () => {
      if (this.#answered) this.#endOutput();
    });
    child.stdout.pipe(this.#output, { end: false });
    child.stderr.setEncoding("utf8").on("data", (text: string) => this.#noteStderr(text));
    child.on("close", (code) => this.#onClose(code));
    return child;
  }

  #record(bytes: Buffer): void {
    this.#replay?.push(bytes);
    const size = this.#replay?.reduce((sum, part) => sum + part.length, 0) ?? 0;
    if (size > REPLAY_LIMIT) this.#replay = null;
  }

  #onClose(code: number | null): void {
    const exit = { code, stderr: this.#stderr, answered: this.#answered };
    const again = this.#replay === null || this.#killed ? null : this.#source.retryAfter(exit, this.#attempt);
    if (again !== null) {
      setTimeout(() => this.#retry(), again);
      return;
    }
    if (this.#line !== "") this.#options.onStderr?.(this.#line);
    this.#over = true;
    this.#output.end();
    this.#endOutput();
    this.#settle(exit);
  }

  #retry(): void {
    this.#attempt += 1;
    this.#stderr = "";
    this.#child = this.#start();
    for (const bytes of this.#replay ?? []) this.#child.stdin.write(bytes);
    if (this.#ended) this.#child.stdin.end();
    if (this.#killed) this.#source.kill(this.#child);
  }

  async #conclude(exit: ProcessExit): Promise<{ readonly exitCode: number }> {
    const broken = this.#killed ? null : await this.#source.explain(exit);
    if (broken !== null) throw broken;
    return { exitCode: exit.code ?? 255 };
  }

  async *#decode(): AsyncGenerator<Frame, void, undefined> {
    const decoder = new FrameDecoder();
    for await (const chunk of this.#output) {
      for (const frame of decoder.push(chunk)) {
        if (frame.type === "error") throw frameError(frame.body);
        yield frame;
      }
    }
    const { exitCode } = await this.closed;
    if (this.#killed) return;
    if (exitCode !== 0) throw this.#unexplained(exitCode);
    decoder.end();
  }

  #unexplained(exitCode: number): InfraError {
    const said = this.#stderr.trim().split("\n").slice(-5).join("\n");
    return new InfraError(
      "host",
      `${this.#source.label} ended with ${exitCode}${said === "" ? "" : `:\n${said}`}`,
      {
        hint: "run the command again; if it happens again, report it with this message",
      },
    );
  }

  #noteStderr(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-STDERR_LIMIT);
    const lines = (this.#line + text).split("\n");
    this.#line = (lines.pop() ?? "").slice(-STDERR_LIMIT);
    for (const line of lines) this.#options.onStderr?.(line.replace(/\r$/, ""));
  }
}
