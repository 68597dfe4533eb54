import { MASK, secretTexts } from "../core/secret-texts.ts";

/** Replaces secret texts by `***`, however a log is cut into pieces. */
export class Mask {
  readonly #secrets: readonly string[];
  readonly #pattern: RegExp | null;

  constructor(values: readonly string[]) {
    this.#secrets = secretTexts(values).map((text) => text.toString("latin1"));
    this.#pattern = this.#secrets.length === 0 ? null : new RegExp(this.#secrets.map(literal).join("|"), "g");
  }

  get isEmpty(): boolean {
    return this.#pattern === null;
  }

  /** Masks a whole text. */
  text(text: string): string {
    if (this.#pattern === null) return text;
    const masked = latin1(text).replace(this.#pattern, MASK);
    return Buffer.from(masked, "latin1").toString("utf8");
  }

  /** Masks every string in a document, but no keys; values that are neither lists nor plain objects stay as they are. */
  document<T>(value: T): T {
    return this.#pattern === null ? value : (this.#value(value) as T);
  }

  /** Makes a mask for a log that comes in pieces. */
  stream(): StreamMask {
    return new StreamMask((data, last) => this.#piece(data, last));
  }

  #value(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((one) => this.#value(one));
    if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
      return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.#value(inner)]));
  }

  #piece(data: string, last: boolean): Piece {
    if (this.#pattern === null) return { shown: data, held: "" };
    let shown = "";
    let at = 0;
    for (;;) {
      const held = last ? data.length : this.#heldFrom(data, at);
      this.#pattern.lastIndex = at;
      const match = this.#pattern.exec(data);
      if (match === null || match.index >= held)
        return { shown: shown + data.slice(at, held), held: data.slice(held) };
      shown += data.slice(at, match.index) + MASK;
      at = match.index + match[0].length;
    }
  }

  /** Where the longest possible beginning of a secret at the end of the data starts; the data's end when there is none. */
  #heldFrom(data: string, at: number): number {
    const longest = this.#secrets[0]?.length ?? 0;
    for (let from = Math.max(at, data.length - longest + 1); from < data.length; from++) {
      const end = data.slice(from);
      if (this.#secrets.some((secret) => secret.length > end.length && secret.startsWith(end))) return from;
    }
    return data.length;
  }
}

interface Piece {
  readonly shown: string;
  readonly held: string;
}

/** Holds back what may be the beginning of a secret until more comes, or the end. */
export class StreamMask {
  readonly #mask: (data: string, last: boolean) => Piece;
  #held = "";

  constructor(mask: (data: string, last: boolean) => Piece) {
    this.#mask = mask;
  }

  push(data: Buffer): Buffer {
    const { shown, held } = this.#mask(this.#held + data.toString("latin1"), false);
    this.#held = held;
    return Buffer.from(shown, "latin1");
  }

  end(): Buffer {
    const { shown } = this.#mask(this.#held, true);
    this.#held = "";
    return Buffer.from(shown, "latin1");
  }
}

/** One character per byte, so that pieces may be cut anywhere. */
function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
