import { InfraError, MismatchError, type PikaciError, SnapshotRefused, TrustError } from "../core/errors.ts";
import { quoted } from "../core/quoted.ts";
import type { Frame } from "./connection.ts";

const MAX_HEADER = 64;
/** Longest body that a frame may have, in bytes; longer content travels as several frames. */
export const MAX_BODY = 16 * 1024 * 1024;

interface Header {
  readonly type: string;
  readonly length: number;
}

/** Splits a byte stream, which may be cut anywhere, into frames; InfraError("host") for invalid frames. */
export class FrameDecoder {
  #head = Buffer.alloc(0);
  #header: Header | null = null;
  #body: Buffer[] = [];
  #missing = 0;
  #seen = 0;

  *push(chunk: Buffer): Generator<Frame> {
    let rest = chunk;
    while (rest.length > 0 || (this.#header !== null && this.#missing === 0)) {
      if (this.#header === null) rest = this.#takeHeader(rest);
      else if (this.#missing > 0) rest = this.#takeBody(rest);
      else yield this.#finish(this.#header);
    }
  }

  /** Call at the end of the stream. */
  end(): void {
    if (this.#header === null && this.#head.length === 0) return;
    if (this.#header === null) throw garbage(this.#head, this.#seen);
    throw new InfraError(
      "host",
      `the host's program ended, or was killed, in the middle of what it sent (\`${this.#header.type}\`): ${this.#missing} of ${this.#header.length} bytes are missing`,
      {
        hint: "run the command again, or `pikaci attach RUN` for what a job left; the host's own log may say what ended the program",
      },
    );
  }

  #takeHeader(chunk: Buffer): Buffer {
    const newline = chunk.indexOf(10);
    const line = Buffer.concat([this.#head, newline < 0 ? chunk : chunk.subarray(0, newline)]);
    if (line.length > MAX_HEADER) throw garbage(line, this.#seen);
    if (newline < 0) {
      this.#head = line;
      return chunk.subarray(chunk.length);
    }
    const parts = /^([a-z][a-z-]*) (\d{1,9})$/.exec(line.toString("latin1"));
    if (parts === null || Number(parts[2]) > MAX_BODY) throw garbage(line, this.#seen);
    this.#header = { type: parts[1] ?? "", length: Number(parts[2]) };
    this.#missing = this.#header.length;
    this.#head = Buffer.alloc(0);
    return chunk.subarray(newline + 1);
  }

  #takeBody(chunk: Buffer): Buffer {
    const part = chunk.subarray(0, this.#missing);
    this.#body.push(part);
    this.#missing -= part.length;
    return chunk.subarray(part.length);
  }

  #finish({ type }: Header): Frame {
    const body = Buffer.concat(this.#body);
    this.#header = null;
    this.#body = [];
    this.#seen += 1;
    return { type, body };
  }
}

function garbage(line: Buffer, framesBefore: number): InfraError {
  const shown = JSON.stringify(line.subarray(0, MAX_HEADER).toString("utf8"));
  return framesBefore === 0
    ? new InfraError("host", `the host answered with text that is not pikaci's: ${shown}`, {
        hint: "a start-up file of the login shell there prints something; let it be silent when it is not interactive (in ~/.bashrc: `[ -t 1 ] || return`)",
      })
    : new InfraError("host", `the host's answer broke off into something else: ${shown}`, {
        hint: "run the command again; if it happens again, report it with this message",
      });
}

const defaultHints = {
  host: "the message names what is wrong on the host; fix it there and run the command again",
  network: "check the connection to the host and run the command again",
  disk: "free space on the host, or give it another `workDir` in the configuration, and run the command again",
  nix: "nix's own output above says more",
} as const;

/** Characters of a host's message that are shown: what is longer is none of pikaci's programs'. */
const LONGEST_MESSAGE = 20_000;

function shortened(message: string): string {
  const more = message.length - LONGEST_MESSAGE;
  return more > 0 ? `${message.slice(0, LONGEST_MESSAGE)}\n… ${more} more characters` : message;
}

/**
 * The error behind an `error` frame: a kind, then the message, then (if the program has better advice
 * than the kind's own) a last line `hint: …`.
 */
export function frameError(body: Buffer): PikaciError {
  const [kind = "", ...lines] = body.toString("utf8").trimEnd().split("\n");
  const own = lines.length > 1 && lines.at(-1)?.startsWith("hint: ") ? lines.pop()?.slice(6) : undefined;
  const message = shortened(lines.join("\n"));
  switch (kind) {
    case "host":
    case "network":
    case "disk":
    case "nix":
      return new InfraError(kind, message, { hint: own ?? defaultHints[kind] });
    case "mismatch":
      return new MismatchError(message, { hint: own ?? "run the command again with `--repair`" });
    case "trust":
      return new TrustError(message, own === undefined ? {} : { hint: own });
    case "snapshot":
      return new SnapshotRefused(message, own === undefined ? {} : { hint: own });
    default:
      return new InfraError(
        "host",
        `the host reported an error of an unknown kind: ${quoted([kind, ...lines].join(" "))}`,
      );
  }
}
