import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  realpathSync,
  rmSync,
  writeSync,
} from "node:fs";
import { InfraError, UsageError } from "../core/errors.ts";
import { codeOf } from "./error-code.ts";

const { O_APPEND, O_CREAT, O_WRONLY } = constants;

/**
 * A file that the user named for output, opened at once and emptied when there is something to write: without a word it
 * stays as it was, or away. A write that fails is told by `close`, none is tried after it.
 */
export class OutputFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #isNew: boolean;
  readonly #appends: boolean;
  #isBegun = false;
  #failure: InfraError | null = null;

  /** `option` is how the user named it. UsageError when it cannot be opened. */
  constructor(path: string, option: string, flags: "w" | "a" = "w") {
    this.#path = path;
    this.#isNew = !existsSync(path);
    this.#appends = flags === "a";
    try {
      this.#fd = openSync(path, O_WRONLY | O_CREAT | (this.#appends ? O_APPEND : 0), 0o666);
    } catch (cause) {
      throw new UsageError(`${option}: cannot write ${path}: ${codeOf(cause) ?? String(cause)}`, {
        hint: "name a file in a directory that exists and that you can write to",
        cause,
      });
    }
  }

  write(text: string): void {
    if (this.#failure !== null) return;
    const bytes = Buffer.from(text);
    try {
      this.#begin();
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (cause) {
      this.#failure = new InfraError(
        "client",
        `${this.#path} is incomplete: ${codeOf(cause) ?? String(cause)}`,
        {
          hint: "free space there, then run again; `.pikaci/runs` has the whole record",
          cause,
        },
      );
    }
  }

  #begin(): void {
    if (!this.#isBegun && !this.#appends && fstatSync(this.#fd).isFile()) ftruncateSync(this.#fd);
    this.#isBegun = true;
  }

  close(): InfraError | null {
    if (this.#isNew && !this.#isBegun && fstatSync(this.#fd).size === 0) rmSync(this.#path, { force: true });
    closeSync(this.#fd);
    return this.#failure;
  }
}

/** Absolute paths of the regular files that this process's stdout and stderr were sent to, where the system tells. */
export function outputFiles(): string[] {
  return [1, 2].flatMap((descriptor) => {
    try {
      if (!fstatSync(descriptor).isFile()) return [];
      return [realpathSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      return [];
    }
  });
}
