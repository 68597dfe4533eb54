import { LEVELS, type Level, type Place } from "./place.ts";

/** Places that are shown of a job. */
const KEPT = 10;

/** The first ten places, errors before warnings before notices; of one line, the worst, with a message if there is one. */
export class RankedPlaces {
  readonly #places = new Map<Level, Place[]>(LEVELS.map((level) => [level, []]));

  add(place: Place): void {
    const known = this.#places.get(place.level) ?? [];
    const at = known.findIndex((one) => isSame(one, place));
    if (at === -1 && known.length < KEPT) known.push(place);
    if (known[at]?.message === "") known[at] = place;
  }

  list(): readonly Place[] {
    const all = LEVELS.flatMap((level) => this.#places.get(level) ?? []);
    return all.filter((one, at) => all.findIndex((other) => isSame(one, other)) === at).slice(0, KEPT);
  }
}

function isSame(one: Place, other: Place): boolean {
  return one.file === other.file && one.line === other.line;
}
