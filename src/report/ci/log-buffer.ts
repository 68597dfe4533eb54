import { plural } from "../format.ts";

const KEPT_CHARACTERS = 1 << 20;

/** A job's log until it is shown in one piece: its last megabyte. */
export class LogBuffer {
  #lines: string[] = [];
  #first = 0;
  #characters = 0;
  #dropped = 0;

  push(lines: readonly string[]): void {
    for (const line of lines) {
      this.#lines.push(line);
      this.#characters += line.length + 1;
    }
    while (this.#characters > KEPT_CHARACTERS && this.#first < this.#lines.length - 1) this.#drop();
    if (this.#first > 2 * KEPT_CHARACTERS) this.#compact();
  }

  /** The last lines, at most `count`; a first line says how many are not among them. */
  last(count: number = Number.POSITIVE_INFINITY): string[] {
    const from = Math.max(this.#first, this.#lines.length - count);
    const before = this.#dropped + from;
    const kept = this.#lines.slice(from);
    return before === 0 ? kept : [`… ${plural(before, "line")} before`, ...kept];
  }

  get size(): number {
    return this.#lines.length - this.#first;
  }

  #drop(): void {
    this.#characters -= (this.#lines[this.#first]?.length ?? 0) + 1;
    this.#lines[this.#first] = "";
    this.#first += 1;
  }

  #compact(): void {
    this.#lines = this.#lines.slice(this.#first);
    this.#dropped += this.#first;
    this.#first = 0;
  }
}
