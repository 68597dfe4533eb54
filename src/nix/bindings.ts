import { type NixToken, nixTokens } from "./tokens.ts";

/** The path of an attribute that a Nix file binds, from the file's own set down. */
export type AttrPath = readonly string[];

/** In an `AttrPath`: an argument of a function or an element of a list, which is not itself what the name is bound to. */
export const ARGUMENT = "()";

/** Names of a path that are kept: a hostile file nests as deep as it likes. */
const LONGEST = 8;

/**
 * Attributes that the text of a Nix file binds by name, to a depth of 8: nothing is evaluated, so `inherit`, `//` and function calls are
 * seen as they are written. Names of `let` are none; a name that is computed is "".
 */
export function boundAttributes(source: string): AttrPath[] {
  const reader = new BindingReader();
  for (const token of nixTokens(source)) reader.read(token);
  return reader.found;
}

interface Frame {
  readonly kind: "file" | "set" | "let" | "group";
  /** What the frame's names are below. */
  readonly base: AttrPath;
  /** What a value that is read now is bound to. */
  current: AttrPath;
  /** Tokens since the last binding ended; null while a value is read. */
  name: NixToken[] | null;
  /** `;` that end a `with` or `assert` of a value, not the binding. */
  clauses: number;
}

const LOCAL = "let";
const CLOSERS = ["}", ")", "]"];
/** Words after which an expression begins, so that a `{` there is no argument. */
const KEYWORDS = ["in", "then", "else", "rec", "with", "assert", "or", "if"];

class BindingReader {
  readonly found: AttrPath[] = [];
  #frames: Frame[] = [frame("file", [], false)];
  #last: NixToken | null = null;

  read(token: NixToken): void {
    const top = this.#frames.at(-1);
    if (top !== undefined && (token.kind === "string" || !this.#structure(token.text, top)))
      top.name?.push(token);
    this.#last = token;
  }

  /** Whether the token was one that opens, closes or divides. */
  #structure(text: string, top: Frame): boolean {
    if (text === "{" || text === "(" || text === "[") this.#open(text, top);
    else if (text === LOCAL) this.#frames.push(frame(LOCAL, extend(top.current, [LOCAL]), true));
    else if (text === "in" && top.kind === LOCAL) this.#frames.pop();
    else if (CLOSERS.includes(text)) this.#close();
    else if (text === "=" && top.name !== null) this.#bind(top, top.name);
    else if (text === ";") endClause(top);
    else if (text === "with" || text === "assert") top.clauses += 1;
    else return false;
    return true;
  }

  #open(sign: string, { current }: Frame): void {
    const base = sign === "[" || isCallee(this.#last) ? extend(current, [ARGUMENT]) : current;
    this.#frames.push(sign === "{" ? frame("set", base, true) : frame("group", base, false));
  }

  /** A `let` has no end of its own where its `in` is missing. */
  #close(): void {
    while (this.#frames.at(-1)?.kind === LOCAL) this.#frames.pop();
    if (this.#frames.length > 1) this.#frames.pop();
  }

  #bind(top: Frame, tokens: readonly NixToken[]): void {
    const path = attrPath(tokens);
    top.current = extend(top.base, path);
    top.name = null;
    top.clauses = 0;
    if (path.length > 0 && !top.base.includes(LOCAL) && top.kind !== LOCAL) this.found.push(top.current);
  }
}

function extend(path: AttrPath, names: AttrPath): AttrPath {
  return [...path, ...names].slice(0, LONGEST);
}

function frame(kind: Frame["kind"], base: AttrPath, named: boolean): Frame {
  return { kind, base, current: base, name: named ? [] : null, clauses: 0 };
}

function endClause(top: Frame): void {
  if (top.clauses > 0) {
    top.clauses -= 1;
    return;
  }
  if (top.kind !== "set" && top.kind !== LOCAL) return;
  top.name = [];
  top.current = top.base;
}

/** `a."b".c` as its names; empty when the tokens are no attribute path. */
function attrPath(tokens: readonly NixToken[]): string[] {
  const names = tokens.filter((_, index) => index % 2 === 0);
  const dots = tokens.filter((_, index) => index % 2 === 1);
  const valid = names.every(({ kind }) => kind !== "sign") && dots.every(({ text }) => text === ".");
  return valid && tokens.length % 2 === 1 ? names.map(({ text }) => text) : [];
}

/** Whether what opens after this token is an argument of what ends with it. */
function isCallee(token: NixToken | null): boolean {
  if (token === null) return false;
  if (token.kind === "name") return !KEYWORDS.includes(token.text);
  return token.kind === "string" || CLOSERS.includes(token.text);
}
