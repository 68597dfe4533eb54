/** A run of a file's bytes: where it begins and how long it is, in bytes. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
}

/** Which bytes of a file are data, in ascending order and apart from each other; all others are holes, which are zeros. */
export interface SparseMap {
  /** Bytes of the file, holes included. */
  readonly size: number;
  readonly data: readonly Piece[];
}

/** A file without holes. */
export function wholeFile(size: number): SparseMap {
  return { size, data: [{ offset: 0, length: size }] };
}

export function dataBytes({ data }: SparseMap): number {
  return data.reduce((sum, { length }) => sum + length, 0);
}

/** A map that cannot be used. `wrong`: no honest archive has it; `too-long`: it has more than `MOST_PIECES`. */
export interface UnusableMap {
  readonly unusable: "wrong" | "too-long";
  readonly why: string;
}

/** A map is held in memory, and what it says comes from a job. */
export const MOST_PIECES = 1_000_000;

/** Collects a map from what an untrusted archive says of it; never more than `MOST_PIECES` of it. */
export class SparseMapBuilder {
  readonly #size: number;
  readonly #data: Piece[] = [];
  #end = 0;
  #sum = 0;
  #unusable: UnusableMap | null = null;

  /** Null is a number that the archive does not write as one. */
  constructor(size: number | null) {
    this.#size = size ?? 0;
    if (size === null) this.#wrong("its length is no number");
  }

  add(offset: number | null, length: number | null): void {
    if (this.#unusable !== null) return;
    if (offset === null || length === null) return this.#wrong("a place in it is no number");
    if (offset < this.#end) return this.#wrong("its pieces overlap or are not in order");
    if (offset + length > this.#size)
      return this.#wrong(`a piece of it lies beyond its ${this.#size} bytes`);
    if (length === 0) return;
    if (this.#data.length === MOST_PIECES) {
      this.#unusable = { unusable: "too-long", why: `it has more than ${MOST_PIECES} pieces between holes` };
      return;
    }
    this.#data.push({ offset, length });
    this.#end = offset + length;
    this.#sum += length;
  }

  /** The map, when its pieces are as long together as the archive's `packed` bytes of them. */
  map(packed: number): SparseMap | UnusableMap {
    if (this.#unusable === null && this.#sum !== packed)
      this.#wrong(`its pieces are ${this.#sum} bytes long and its data ${packed}`);
    return this.#unusable ?? { size: this.#size, data: this.#data };
  }

  #wrong(why: string): void {
    this.#unusable = { unusable: "wrong", why };
  }
}

/** Content that has only the pieces of a file, as parts with their places in that file. */
export async function* placed(
  content: AsyncIterable<Buffer>,
  pieces: readonly Piece[],
): AsyncGenerator<{ readonly bytes: Buffer; readonly place: number }> {
  let [index, used] = [0, 0];
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length; ) {
      const { offset, length } = pieces[index] ?? { offset: 0, length: 0 };
      const count = Math.min(length - used, chunk.length - at);
      if (count > 0) yield { bytes: chunk.subarray(at, at + count), place: offset + used };
      at += count;
      used += count;
      if (used < length) continue;
      index += 1;
      used = 0;
      if (index > pieces.length) throw new Error("an entry has more content than its map has pieces");
    }
  }
}
