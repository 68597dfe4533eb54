import { closeSync, openSync, readSync } from "node:fs";
import { InfraError } from "../core/errors.ts";
import { codeOf } from "./error-code.ts";

const CHUNK = 65_536;

/** Reads a growing file on from where the last call ended; a file that is not there yet is empty. */
export class Tail {
  readonly #path: string;
  #position: number;

  /** Begins at byte `from`. */
  constructor(path: string, from = 0) {
    this.#path = path;
    this.#position = from;
  }

  /** Hands over what is new, piece by piece; each piece is valid until `take` returns. InfraError("client"). */
  read(take: (piece: Buffer) => void): void {
    const fd = openIfThere(this.#path);
    if (fd === null) return;
    try {
      const buffer = Buffer.allocUnsafe(CHUNK);
      for (let size = -1; size !== 0; this.#position += size) {
        size = this.#readInto(buffer, fd);
        if (size > 0) take(buffer.subarray(0, size));
      }
    } finally {
      closeSync(fd);
    }
  }

  #readInto(buffer: Buffer, fd: number): number {
    try {
      return readSync(fd, buffer, 0, CHUNK, this.#position);
    } catch (cause) {
      throw unreadable(this.#path, cause);
    }
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): unknown {
  const code = codeOf(cause);
  if (code === null) return cause;
  return new InfraError("client", `cannot read ${path}: ${code}`, {
    hint: "look at what lies there: pikaci keeps a file of its own in this place",
    cause,
  });
}
