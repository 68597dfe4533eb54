import { closeSync, openSync, writeSync } from "node:fs";
import { InfraError, UsageError } from "../errors.ts";
import { codeOf } from "./client-files.ts";

/** A file that the user named for output, emptied first; a write that fails is told by `close`, none is tried after it. */
export class OutputFile {
  readonly #path: string;
  readonly #fd: number;
  #failure: InfraError | null = null;

  /** `option` is how the user named it. UsageError when it cannot be opened. */
  constructor(path: string, option: string, flags: "w" | "a" = "w") {
    this.#path = path;
    try {
      this.#fd = openSync(path, flags);
    } catch (cause) {
      throw new UsageError(`${option}: cannot write ${path}: ${codeOf(cause) ?? String(cause)}`, {
        hint: "name a file in a directory that exists and is writable for you",
        cause,
      });
    }
  }

  write(text: string): void {
    if (this.#failure !== null) return;
    const bytes = Buffer.from(text);
    try {
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

  close(): InfraError | null {
    closeSync(this.#fd);
    return this.#failure;
  }
}
