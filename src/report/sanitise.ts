/** Longest line that is shown in one piece, in UTF-16 units; a longer one goes on in the next. */
export const LONGEST_LINE = 16_384;

type State = "text" | "escape" | "csi" | "string" | "string-escape";

export const ESC = "\x1b";
const BIDI = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Turns bytes of an untrusted log, split anywhere, into lines without terminal escapes and CI commands. */
export class LineSanitiser {
  readonly #decoder = new TextDecoder("utf-8");
  #state: State = "text";
  #line = "";
  #afterReturn = false;

  /** The lines that ended in this chunk. */
  push(chunk: Uint8Array): string[] {
    return this.#feed(this.#decoder.decode(chunk, { stream: true }));
  }

  /** What is left when the log has ended: nothing, or its last line. */
  end(): string[] {
    const lines = this.#feed(this.#decoder.decode());
    if (this.#line !== "") lines.push(this.#flush());
    return lines;
  }

  #feed(text: string): string[] {
    const lines: string[] = [];
    for (let at = 0; at < text.length; ) {
      const plain = this.#state === "text" ? plainText(text, at) : "";
      if (plain === "") lines.push(...this.#character(text.charAt(at)));
      else lines.push(...this.#plain(plain));
      at += Math.max(1, plain.length);
    }
    return lines;
  }

  /** Text without control characters; nearly all of a log, so it is taken in large pieces. */
  #plain(text: string): string[] {
    const lines: string[] = [];
    this.#afterReturn = false;
    this.#line += text;
    while (this.#line.length >= LONGEST_LINE) {
      const end = LONGEST_LINE + (isHighSurrogate(this.#line, LONGEST_LINE - 1) ? 1 : 0);
      const rest = this.#line.slice(end);
      this.#line = this.#line.slice(0, end);
      lines.push(this.#flush());
      this.#line = rest;
    }
    return lines;
  }

  #character(character: string): string[] {
    if (this.#isLineEnd(character)) return [this.#flush()];
    this.#take(character);
    return [];
  }

  /** `\n`, `\r\n` and a lone `\r` end a line each, and whatever sequence was open: nothing stays hidden. */
  #isLineEnd(character: string): boolean {
    const second = this.#afterReturn && character === "\n";
    this.#afterReturn = character === "\r";
    if (character !== "\n" && character !== "\r") return false;
    this.#state = "text";
    return !second;
  }

  #take(character: string): void {
    this.#state = nextState(this.#state, character);
  }

  #flush(): string {
    const line = this.#line;
    this.#line = "";
    return disarm(line.replace(BIDI, ""));
  }
}

/** One untrusted text (a name, a message of nix) as lines that are safe to show. */
export function sanitise(text: string): string {
  const sanitiser = new LineSanitiser();
  return [...sanitiser.push(Buffer.from(text)), ...sanitiser.end()].join("\n");
}

/** ECMA-48: CSI ends with a final byte; OSC, DCS, SOS, PM and APC end with ST or BEL. */
function nextState(state: State, character: string): State {
  if (character === "\x18" || character === "\x1a") return "text";
  switch (state) {
    case "text":
      return afterText(character);
    case "escape":
      return afterEscape(character);
    case "csi":
      return character === ESC ? "escape" : character >= "@" && character <= "~" ? "text" : "csi";
    case "string":
      return character === "\x07" || character === "\x9c"
        ? "text"
        : character === ESC
          ? "string-escape"
          : "string";
    case "string-escape":
      return character === "\\" ? "text" : afterEscape(character);
  }
}

function afterText(character: string): State {
  if (character === ESC) return "escape";
  if (character === "\x9b") return "csi";
  return "\x90\x98\x9d\x9e\x9f".includes(character) ? "string" : "text";
}

function afterEscape(character: string): State {
  if (character === "[") return "csi";
  if ("]PX^_".includes(character)) return "string";
  if (character === ESC) return "escape";
  return character >= " " && character <= "/" ? "escape" : "text";
}

const CONTROL = /[^\P{Cc}\t]/gu;

/** What of a text, from `at` on, has no control characters but tabs. */
function plainText(text: string, at: number): string {
  CONTROL.lastIndex = at;
  return text.slice(at, CONTROL.exec(text)?.index ?? text.length);
}

function isHighSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** CI services read commands in logs: `::name::` at a line's start, `##[…`, `##vso[…`, `##teamcity[…`. */
function disarm(line: string): string {
  return line.replace(/^(\s*):(?=:)/, "$1: ").replace(/#(?=#[A-Za-z]*\[)/g, "# ");
}
