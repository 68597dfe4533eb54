import { plural } from "../format.ts";
import { type Heading, headingIn, type Level, type Place, placeIn } from "./places.ts";

const KEPT_CHARACTERS = 1 << 20;
const KEPT_PLACES = 10;
const LEVELS: readonly Level[] = ["error", "warning", "notice"];

/** A job's log until it is shown in one piece: its last megabyte, and the first places that it names, errors before others. */
export class LogBuffer {
  #lines: string[] = [];
  #first = 0;
  #characters = 0;
  readonly #places = new Map<Level, Place[]>(LEVELS.map((level) => [level, []]));
  readonly #cwd: string;
  #heading: Heading | null = null;

  /** `cwd` is the job's directory in the guest. */
  constructor(cwd: string) {
    this.#cwd = cwd;
  }

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
    const all = LEVELS.flatMap((level) => this.#places.get(level) ?? []);
    return all.filter((one, at) => all.findIndex((other) => isSame(one, other)) === at).slice(0, KEPT_PLACES);
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
    const place = placeIn(line, { cwd: this.#cwd, heading: this.#heading });
    if (place !== null || line.trim() === "") this.#heading = null;
    this.#heading = headingIn(line) ?? this.#heading;
    const known = place === null ? null : (this.#places.get(place.level) ?? null);
    if (place === null || known === null || known.length >= KEPT_PLACES) return;
    if (!known.some((one) => isSame(one, place))) known.push(place);
  }
}

function isSame(one: Place, other: Place): boolean {
  return one.file === other.file && one.line === other.line;
}
