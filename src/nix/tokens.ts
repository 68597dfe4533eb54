/** A word of Nix code; `text` of a string is what stands between its quotes, empty where an interpolation decides it. */
export interface NixToken {
  readonly kind: "name" | "string" | "sign";
  readonly text: string;
}

/**
 * The tokens of a Nix file without comments; what stands inside interpolations is none. Nothing is an error: a file
 * that ends inside a string has no further tokens.
 */
export function nixTokens(source: string): NixToken[] {
  return new Scanner(source).tokens();
}

/** Code, a string of one of the two kinds, or an interpolation, each possibly inside another. */
interface Level {
  readonly kind: "code" | "quoted" | "indented";
  /** Where its content begins. */
  readonly start: number;
  /** Open braces of code. */
  braces: number;
  /** A string that has an interpolation. */
  dynamic: boolean;
}

const BLANK = /(?:\s+|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+/y;
const NAME = /[A-Za-z_][\w'-]*/y;
const SIGN = /\$\{|''|==|!=|<=|>=|\/\/|[\s\S]/y;
const CONTENT = {
  quoted: /(?:[^"\\$]+|\\[\s\S]|\$\$|\$(?!\{))+/y,
  indented: /(?:[^'$]+|''\$|'''|''\\[\s\S]|\$\$|\$(?!\{)|'(?!'))+/y,
};
const END = { quoted: '"', indented: "''" };

/** Levels are a list, not calls: a hostile file nests as deep as it likes. */
class Scanner {
  readonly #source: string;
  readonly #tokens: NixToken[] = [];
  readonly #levels: Level[] = [];
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    this.#open("code");
  }

  tokens(): NixToken[] {
    for (let level = this.#top(); this.#at < this.#source.length && level !== undefined; level = this.#top())
      if (level.kind === "code") this.#code(level);
      else this.#string(level, level.kind);
    return this.#tokens;
  }

  #code(level: Level): void {
    this.#match(BLANK);
    const name = this.#match(NAME);
    if (name !== "") this.#add({ kind: "name", text: name });
    else this.#sign(this.#match(SIGN), level);
  }

  #sign(text: string, level: Level): void {
    if (text === '"') this.#open("quoted");
    else if (text === "''") this.#open("indented");
    else if (text === "${") this.#open("code");
    else if (text === "}" && level.braces === 0 && this.#levels.length > 1) this.#close("");
    else if (text !== "") {
      level.braces += text === "{" ? 1 : text === "}" ? -1 : 0;
      this.#add({ kind: "sign", text });
    }
  }

  #string(level: Level, kind: "quoted" | "indented"): void {
    this.#match(CONTENT[kind]);
    const content = this.#source.slice(level.start, this.#at);
    const ends = this.#source.startsWith(END[kind], this.#at);
    this.#at += ends ? END[kind].length : "${".length;
    if (ends) this.#close(level.dynamic ? "" : content);
    else {
      level.dynamic = true;
      this.#open("code");
    }
  }

  #open(kind: Level["kind"]): void {
    this.#levels.push({ kind, start: this.#at, braces: 0, dynamic: false });
  }

  #close(text: string): void {
    this.#levels.pop();
    this.#add({ kind: "string", text });
  }

  #add(token: NixToken): void {
    if (this.#levels.length === 1) this.#tokens.push(token);
  }

  #top(): Level | undefined {
    return this.#levels.at(-1);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [text = ""] = pattern.exec(this.#source) ?? [];
    this.#at += text.length;
    return text;
  }
}
