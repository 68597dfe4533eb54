import type { NamedFiles } from "./named-files.ts";
import type { Place } from "./place.ts";
import { RankedPlaces } from "./ranked.ts";
import { PlaceReader } from "./reader.ts";

/** The places that a job's log names, and what else tells of some. */
export class LogPlaces {
  readonly #reader: PlaceReader;
  readonly #ranked = new RankedPlaces();

  /** `cwd` is the job's directory in the guest. */
  constructor(cwd: string, files: NamedFiles) {
    this.#reader = new PlaceReader(cwd, files);
  }

  /** Sanitised lines. */
  push(lines: readonly string[]): void {
    for (const line of lines) for (const place of this.#reader.push(line)) this.#ranked.add(place);
  }

  /** When the log has ended; `more`, which come from elsewhere, stand before those of their level. */
  end(more: readonly Place[] = []): readonly Place[] {
    for (const place of this.#reader.end()) this.#ranked.add(place);
    const all = new RankedPlaces();
    for (const place of [...more, ...this.#ranked.list()]) all.add(place);
    return all.list();
  }
}
