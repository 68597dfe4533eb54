import { SPARSE_FLAG, SparseFieldsReader } from "./sparse-header.ts";
import type { SparseMap, UnusableMap } from "./sparse-map.ts";
import { BLOCK, padding, readNumber, writeSum } from "./tar-fields.ts";

const [FLAG, SIZE, MAGIC] = [156, 124, 257];
const GNU = "ustar  \0";

/**
 * Makes an archive in GNU's format one that tar-stream can read: an entry of a file with holes becomes an ordinary file of
 * its data alone, and the map of its holes is kept aside. Everything else passes unchanged, whatever it is: what is no
 * valid archive, tar-stream refuses.
 */
export class SparseEntries {
  /** Maps by the place of their entry's header in what was put out; whoever reads the entry takes it out. */
  readonly maps = new Map<number, SparseMap | UnusableMap>();
  #held: Buffer = Buffer.alloc(0);
  /** Bytes before the next header. */
  #left = 0;
  #put = 0;
  #sparse: { readonly header: Buffer; readonly fields: SparseFieldsReader } | null = null;

  /** Takes the archive's next bytes; returns what of it can be put out. */
  push(bytes: Buffer): Buffer[] {
    const chunk = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const out: Buffer[] = [];
    let [start, at] = [0, 0];
    const flush = () => {
      this.#out(out, chunk.subarray(start, at));
      start = at;
    };
    for (;;) {
      const passed = Math.min(this.#left, chunk.length - at);
      at += passed;
      this.#left -= passed;
      if (chunk.length - at < BLOCK) break;
      const block = chunk.subarray(at, at + BLOCK);
      if (this.#sparse === null && !isSparse(block)) {
        this.#left = contentAfter(block);
        at += BLOCK;
        continue;
      }
      flush();
      at += BLOCK;
      start = at;
      this.#mapBlock(block, out);
    }
    const rest = chunk.subarray(at);
    flush();
    this.#held = Buffer.from(rest);
    return out;
  }

  /** What is left of an archive that ends in the middle of a block or of a map: never a whole block, so it stays cut. */
  end(): Buffer {
    return this.#sparse === null ? this.#held : this.#sparse.header.subarray(1);
  }

  #out(out: Buffer[], part: Buffer): void {
    if (part.length > 0) out.push(part);
    this.#put += part.length;
  }

  /** The header of a file with holes, or a block of its map. */
  #mapBlock(block: Buffer, out: Buffer[]): void {
    if (this.#sparse === null)
      this.#sparse = { header: Buffer.from(block), fields: new SparseFieldsReader(block) };
    else this.#sparse.fields.block(block);
    const { header, fields } = this.#sparse;
    if (fields.more) return;
    this.#sparse = null;
    this.maps.set(this.#put, fields.map(readNumber(header, SIZE) ?? -1));
    this.#left = contentAfter(header);
    header.write("0", FLAG);
    writeSum(header);
    this.#out(out, header);
  }
}

function isSparse(header: Buffer): boolean {
  return (
    header.toString("latin1", FLAG, FLAG + 1) === SPARSE_FLAG && header.subarray(MAGIC).indexOf(GNU) === 0
  );
}

/** Bytes from the end of a header to the next one; without end after what is no header. */
function contentAfter(header: Buffer): number {
  // tar-stream reads no content of a directory, whatever its size.
  if (header[FLAG] === "5".charCodeAt(0) || header.every((byte) => byte === 0)) return 0;
  const size = readNumber(header, SIZE);
  return size === null ? Number.POSITIVE_INFINITY : size + padding(size);
}
