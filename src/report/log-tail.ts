import { plural } from "./format.ts";

/** The last lines of a log, and how many came before them. */
export class LogTail {
  readonly #size: number;
  #lines: string[] = [];
  #count = 0;

  constructor(size: number) {
    this.#size = size;
  }

  push(lines: readonly string[]): void {
    this.#count += lines.length;
    this.#lines = [...this.#lines, ...lines.slice(-this.#size)].slice(-this.#size);
  }

  get last(): string | null {
    return this.#lines.at(-1) ?? null;
  }

  /** The lines, oldest first; a first line says how many are not among them. */
  lines(): string[] {
    const before = this.#count - this.#lines.length;
    return before === 0 ? this.#lines : [`… ${plural(before, "line")} before`, ...this.#lines];
  }
}
