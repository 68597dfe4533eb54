import { type Piece, type SparseMap, SparseMapBuilder, type UnusableMap } from "./sparse-map.ts";
import { BLOCK, readNumber, writeNumber } from "./tar-fields.ts";

/** Type of an entry of GNU's own format that has only the data of a file with holes. */
export const SPARSE_FLAG = "S";

/** Where the map begins in the entry's header, and what follows it there. */
const [MAP, MORE, FILE_SIZE] = [386, 482, 483];
const IN_HEADER = 4;
/** In each block of the map that follows the header. */
const [IN_BLOCK, MORE_IN_BLOCK] = [21, 504];
/** Bytes of a piece: two numbers. */
const PIECE = 24;
const NUMBER = 12;

/** Writes a file's map into the header of its entry. Returns the blocks between the header and the data. */
export function writeSparseFields(header: Buffer, map: SparseMap): Buffer {
  const pieces = piecesToItsEnd(map);
  const rest = Math.max(0, pieces.length - IN_HEADER);
  const blocks = Buffer.alloc(Math.ceil(rest / IN_BLOCK) * BLOCK);
  writePieces(header, MAP, pieces.slice(0, IN_HEADER));
  header[MORE] = rest > 0 ? 1 : 0;
  writeNumber(header, FILE_SIZE, map.size);
  for (let at = 0, from = IN_HEADER; at < blocks.length; at += BLOCK, from += IN_BLOCK) {
    writePieces(blocks, at, pieces.slice(from, from + IN_BLOCK));
    blocks[at + MORE_IN_BLOCK] = at + BLOCK < blocks.length ? 1 : 0;
  }
  return blocks;
}

/** A hole at the end needs a piece of no bytes after it, from which tar learns where the file ends. */
function piecesToItsEnd({ size, data }: SparseMap): readonly Piece[] {
  const last = data.at(-1);
  const end = last === undefined ? 0 : last.offset + last.length;
  return end < size || last === undefined ? [...data, { offset: size, length: 0 }] : data;
}

function writePieces(block: Buffer, start: number, pieces: readonly Piece[]): void {
  for (const [index, { offset, length }] of pieces.entries()) {
    writeNumber(block, start + index * PIECE, offset);
    writeNumber(block, start + index * PIECE + NUMBER, length);
  }
}

/** Reads the map of one entry of an untrusted archive: from its header, then from block after block while `more`. */
export class SparseFieldsReader {
  readonly #map: SparseMapBuilder;
  /** Whether another block of the map follows. */
  more: boolean;

  constructor(header: Buffer) {
    this.#map = new SparseMapBuilder(readNumber(header, FILE_SIZE));
    this.#pieces(header, MAP, IN_HEADER);
    this.more = header[MORE] !== 0;
  }

  block(block: Buffer): void {
    this.#pieces(block, 0, IN_BLOCK);
    this.more = block[MORE_IN_BLOCK] !== 0;
  }

  map(packed: number): SparseMap | UnusableMap {
    return this.#map.map(packed);
  }

  /** Unused places at the end are empty. */
  #pieces(block: Buffer, start: number, count: number): void {
    for (let at = start; at < start + count * PIECE && block[at + NUMBER] !== 0; at += PIECE)
      this.#map.add(readNumber(block, at), readNumber(block, at + NUMBER));
  }
}
