import { plural } from "../format.ts";
import { type Place, placeIn } from "./places.ts";

const KEPT_CHARACTERS = 1 << 20;
const KEPT_PLACES = 10;

/** A job's log until it is shown in one piece: its last megabyte, and the first places that it names. */
export class LogBuffer {
  #lines: string[] = [];
  #first = 0;
  #characters = 0;
  readonly #places: Place[] = [];

  push(lines: readonly string[]): void {
    for (const line of lines) {
      this.#lines.push(line);
      this.#characters += line.length + 1;
      this.#look(line);
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

  get places(): readonly Place[] {
    return this.#places;
  }

  #dropped = 0;

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

  #look(line: string): void {
    if (this.#places.length >= KEPT_PLACES) return;
    const place = placeIn(line);
    const known = this.#places.some((one) => one.file === place?.file && one.line === place.line);
    if (place !== null && !known) this.#places.push(place);
  }
}
