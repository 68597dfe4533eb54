import { type BytePath, pathBytes, toPath } from "../../core/byte-path.ts";
import { entryHeadAt, entryStarts, type ManifestEntry, replaceEntry } from "./manifest.ts";

const SLASH = Buffer.from("/");

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
    const index = this.#firstFrom(wanted);
    return index < this.count && this.#compare(index, wanted) === 0 ? index : -1;
  }

  /** Whether there is a directory at a path: an empty one, or one with an entry below it. */
  isDirectory(path: BytePath): boolean {
    const index = this.find(path);
    if (index >= 0) return this.entry(index).type === "directory";
    const below = Buffer.concat([pathBytes(path), SLASH]);
    const next = this.#firstFrom(below);
    if (next === this.count) return false;
    const { pathStart, pathEnd } = this.#head(next);
    return this.bytes.subarray(pathStart, Math.min(pathEnd, pathStart + below.length)).equals(below);
  }

  /** The number of the first entry whose path is not before `wanted`. */
  #firstFrom(wanted: Buffer): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(middle, wanted) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(index: number, wanted: Buffer): number {
    const { pathStart, pathEnd } = this.#head(index);
    return this.bytes.compare(wanted, 0, wanted.length, pathStart, pathEnd);
  }

  /** All of them, in byte order of their paths, each made when its turn comes. */
  *entries(): Generator<ManifestEntry> {
    for (let index = 0; index < this.count; index += 1) yield this.entry(index);
  }

  /** All but the digests, whose texts are most of what an entry costs. */
  *heads(): Generator<Omit<ManifestEntry, "digest">> {
    for (let index = 0; index < this.count; index += 1) {
      const { type, size, pathStart, pathEnd } = this.#head(index);
      yield { path: toPath(this.bytes.toString("latin1", pathStart, pathEnd)), type, size };
    }
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
