import { BLOCK } from "./tar-fields.ts";

/** A run of a file's bytes: where it begins and how long it is, in bytes. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
}

/**
 * Which bytes of a file are data, in ascending order; all others are holes, which are zeros. Each piece but the last is a
 * multiple of 512 bytes long.
 */
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
    if (size === null) this.#unusable = { unusable: "wrong", why: "its length is no number" };
  }

  add(offset: number | null, length: number | null): void {
    if (this.#unusable !== null) return;
    const wrong = this.#wrongPiece(offset, length);
    if (wrong !== null) this.#unusable = { unusable: "wrong", why: wrong };
    else if (this.#data.length === MOST_PIECES)
      this.#unusable = { unusable: "too-long", why: `it has more than ${MOST_PIECES} pieces between holes` };
    else if (offset !== null && length !== null && length > 0) {
      this.#data.push({ offset, length });
      this.#end = offset + length;
      this.#sum += length;
    }
  }

  #wrongPiece(offset: number | null, length: number | null): string | null {
    if (offset === null || length === null) return "a place in it is no number";
    if (offset < this.#end) return "its pieces overlap or are not in order";
    // In an archive each piece begins with a block, so what came before would have a gap after it.
    if (this.#sum % BLOCK !== 0 && length > 0) return `a piece of it is no whole number of ${BLOCK} bytes`;
    return offset + length > this.#size ? `a piece of it lies beyond its ${this.#size} bytes` : null;
  }

  /** The map, when its pieces are as long together as the archive's `packed` bytes of them. */
  map(packed: number): SparseMap | UnusableMap {
    if (this.#unusable !== null) return this.#unusable;
    if (this.#sum === packed) return { size: this.#size, data: this.#data };
    return {
      unusable: "wrong",
      why: `its pieces are ${this.#sum} bytes long together, its data is ${packed}`,
    };
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
