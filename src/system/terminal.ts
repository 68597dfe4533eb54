import type { ReadStream, WriteStream } from "node:tty";

/** What a terminal tells while it is open. */
interface TerminalListener {
  readonly onInput: (data: Buffer) => void;
  readonly onResize: (rows: number, columns: number) => void;
  /** No more input comes. */
  readonly onEnd: () => void;
}

/** Where a person types and reads, or pipes. */
export interface Terminal {
  /** Both ends are a terminal. */
  readonly tty: boolean;
  size(): { readonly rows: number; readonly columns: number };
  /** From now on keys come one by one and none has a meaning here; the returned function undoes that. */
  open(listener: TerminalListener): () => void;
  /** Waits while the reader is slow. */
  write(data: Buffer): Promise<void>;
}

type Input = Pick<ReadStream, "on" | "off" | "pause" | "resume" | "ref" | "unref"> &
  Partial<Pick<ReadStream, "isTTY" | "setRawMode">>;
type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, "isTTY" | "getWindowSize">>;

/** This process's own; its mode is put back also when the process ends by itself. */
export function ownTerminal(input: Input = process.stdin, output: Output = process.stdout): Terminal {
  const tty = input.isTTY === true && output.isTTY === true;
  const size = () => {
    const [columns, rows] = output.getWindowSize?.() ?? [80, 24];
    return { rows: rows || 24, columns: columns || 80 };
  };
  return {
    tty,
    size,
    open: (listener) => open({ input, output, tty, size }, listener),
    write: (data) => write(output, data),
  };
}

interface Ends extends Pick<Terminal, "tty" | "size"> {
  readonly input: Input;
  readonly output: Output;
}

function open(
  { input, output, tty, size }: Ends,
  { onInput, onResize, onEnd }: TerminalListener,
): () => void {
  const resized = () => onResize(size().rows, size().columns);
  const restore = () => {
    if (tty) input.setRawMode?.(false);
  };
  const close = () => {
    input.off("data", onInput).off("end", onEnd).pause();
    input.unref?.();
    output.removeListener("resize", resized);
    process.off("exit", restore);
    restore();
  };
  if (tty) {
    process.on("exit", restore);
    input.setRawMode?.(true);
    output.on("resize", resized);
    resized();
  }
  input.on("data", onInput).on("end", onEnd).resume();
  input.ref?.();
  return close;
}

/** While another program has the terminal, Ctrl-C is meant for that program only. */
export async function withoutInterrupts<T>(work: () => Promise<T>): Promise<T> {
  const listeners = process.rawListeners("SIGINT");
  const ignore = () => {};
  process.removeAllListeners("SIGINT").on("SIGINT", ignore);
  try {
    return await work();
  } finally {
    process.off("SIGINT", ignore);
    for (const listener of listeners) process.on("SIGINT", () => void listener());
  }
}

function write(output: Output, data: Buffer): Promise<void> {
  return new Promise((done) => output.write(data, () => done()));
}
