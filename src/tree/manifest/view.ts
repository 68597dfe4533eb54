import { type BytePath, pathBytes, toPath } from "../../core/byte-path.ts";
import { entryHeadAt, entryStarts, type ManifestEntry, replaceEntry } from "./manifest.ts";

/** A valid manifest's entries by number or by path, read from its bytes when they are asked for. */
export class ManifestView {
  readonly bytes: Buffer;
  #found: Uint32Array | null = null;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  /** Where each entry starts, and where the last one ends. */
  get #starts(): Uint32Array {
    this.#found ??= entryStarts(this.bytes);
    return this.#found;
  }

  /** The number of the entry at a path; -1 where there is none. */
  find(path: BytePath): number {
    const wanted = pathBytes(path);
    let [low, high] = [0, this.count - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const { pathStart, pathEnd } = this.#head(middle);
      const order = this.bytes.compare(wanted, 0, wanted.length, pathStart, pathEnd);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  entry(index: number): ManifestEntry {
    const { type, size, pathStart, pathEnd } = this.#head(index);
    return {
      path: toPath(this.bytes.toString("latin1", pathStart, pathEnd)),
      type,
      size,
      digest: this.bytes.toString("hex", pathEnd, this.#starts[index + 1]),
    };
  }

  /** Overwrites the entry of the same path, in the bytes themselves. */
  replace(index: number, entry: ManifestEntry): void {
    replaceEntry(this.bytes, this.#starts[index] ?? 0, entry);
  }

  #head(index: number): ReturnType<typeof entryHeadAt> {
    return entryHeadAt(this.bytes, this.#starts[index] ?? 0);
  }
}
