import { type BytePath, pathBytes, toPath } from "../../core/byte-path.ts";
import { entryHeadAt, entryStarts, type ManifestEntry, replaceEntry } from "./manifest.ts";

/** A valid manifest's entries by number or by path, read from its bytes when they are asked for. */
export class ManifestView {
  readonly bytes: Buffer;
  readonly #starts: Uint32Array;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#starts = entryStarts(bytes);
  }

  get count(): number {
    return this.#starts.length - 1;
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

  /** Entries that are not directories, and the bytes of them all. */
  totals(): { readonly fileCount: number; readonly byteCount: number } {
    let [fileCount, byteCount] = [0, 0];
    for (let index = 0; index < this.count; index += 1) {
      const { type, size } = this.#head(index);
      if (type !== "directory") fileCount += 1;
      byteCount += size;
    }
    return { fileCount, byteCount };
  }

  #head(index: number): ReturnType<typeof entryHeadAt> {
    return entryHeadAt(this.bytes, this.#starts[index] ?? 0);
  }
}
