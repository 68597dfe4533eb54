import { type BytePath, pathBytes } from "../core/byte-path.ts";
import { PUBLISHED_TIME, publishedTime } from "../core/layout.ts";
import type { EntryType } from "../core/snapshot.ts";
import { SPARSE_FLAG, writeSparseFields } from "./sparse-header.ts";
import { dataBytes, type SparseMap } from "./sparse-map.ts";
import { BLOCK, octal, padding, writeNumber, writeSum } from "./tar-fields.ts";
import { bytesSource, type Source } from "./verified.ts";

const NAME_FIELD = 100;
const EMPTY = Buffer.alloc(0);
/** Two empty blocks. */
const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);

/** An entry of an archive with `size` bytes of content: for a symlink its target, for a link the file's path. */
export interface TarItem {
  readonly path: BytePath;
  /** `link`: a hard link to a file that is there already. */
  readonly type: EntryType | "link";
  readonly size: number;
  /** Of a file with holes: which of its bytes are data. Only these are written, and only these the source has. */
  readonly sparse?: SparseMap;
  open(): Source;
}

/**
 * A tar archive as GNU tar reads it, in chunks of at most `chunkSize()` bytes, at least 32 KiB; names are bytes:
 * tar-stream and the pax format know only text. Modes are 0755 and 0644, the times `publishedTime`, the owner 0.
 * Files are read right into the chunks, without a promise each: there may be 100,000. An empty chunk comes while a source
 * has nothing to read yet: whoever takes it should let others run.
 */
export function* tarChunks(items: Iterable<TarItem>, chunkSize: () => number): Generator<Buffer> {
  const chunks = new ChunkWriter(chunkSize);
  for (const item of items) {
    const linked = item.type === "symlink" || item.type === "link";
    const header = entryHeader(item, linked ? wholeContent(item) : EMPTY);
    if (chunks.fits(header.length)) chunks.put(header);
    else yield* written(header, chunks);
    if (!linked) yield* content(item, chunks);
  }
  if (!chunks.fits(END_OF_ARCHIVE.length)) yield chunks.take();
  chunks.put(END_OF_ARCHIVE);
  yield chunks.take();
}

/** Puts bytes into chunks, of which they may need several. */
function* written(bytes: Buffer, chunks: ChunkWriter): Generator<Buffer> {
  for (let rest = bytes; rest.length > 0; ) {
    if (!chunks.fits(1)) yield chunks.take();
    rest = rest.subarray(chunks.put(rest));
  }
}

function* content(item: TarItem, chunks: ChunkWriter): Generator<Buffer> {
  if (item.size === 0 && item.type === "directory") return;
  const size = packedSize(item);
  const source = item.open();
  try {
    for (let left = size; left > 0; ) {
      if (!chunks.fits(1)) yield chunks.take();
      const count = chunks.fill(source, left);
      if (count === 0) yield EMPTY;
      left -= count;
    }
  } finally {
    source.close();
  }
  if (!chunks.fits(BLOCK)) yield chunks.take();
  chunks.zeros(padding(size));
}

/** Bytes of content in the archive. */
function packedSize({ size, sparse }: TarItem): number {
  return sparse === undefined ? size : dataBytes(sparse);
}

/** Writes into one chunk after the other. */
class ChunkWriter {
  readonly #size: () => number;
  #chunk: Buffer;
  #used = 0;

  constructor(size: () => number) {
    this.#size = size;
    this.#chunk = Buffer.allocUnsafeSlow(size());
  }

  fits(length: number): boolean {
    return this.#used + length <= this.#chunk.length;
  }

  /** Puts as much as fits; returns how much that is. */
  put(bytes: Buffer): number {
    const count = bytes.copy(this.#chunk, this.#used);
    this.#used += count;
    return count;
  }

  zeros(count: number): void {
    this.#chunk.fill(0, this.#used, this.#used + count);
    this.#used += count;
  }

  /** Reads at most `most` bytes into what is left of the chunk. */
  fill(source: Source, most: number): number {
    const end = Math.min(this.#used + most, this.#chunk.length);
    const count = source.read(this.#chunk.subarray(this.#used, end));
    this.#used += count;
    return count;
  }

  /** What was written; the next chunk is begun. */
  take(): Buffer {
    const full = this.#chunk.subarray(0, this.#used);
    this.#chunk = Buffer.allocUnsafeSlow(this.#size());
    this.#used = 0;
    return full;
  }
}

/** A hard link to a file that is there already. */
export function tarLink(path: BytePath, file: BytePath): TarItem {
  const target = pathBytes(file);
  return { path, type: "link", size: target.length, open: () => bytesSource(target) };
}

/** An entry with the content at hand. */
export function tarFile(path: BytePath, body: Buffer): TarItem {
  return { path, type: "file", size: body.length, open: () => bytesSource(body) };
}

export function tarDirectory(path: BytePath): TarItem {
  return { path, type: "directory", size: 0, open: () => bytesSource(EMPTY) };
}

function wholeContent(item: TarItem): Buffer {
  const source = item.open();
  const bytes = Buffer.alloc(item.size);
  for (let at = 0; at < item.size; ) at += source.read(bytes.subarray(at));
  source.close();
  return bytes;
}

const flags = { file: "0", executable: "0", link: "1", symlink: "2", directory: "5" } as const;

function entryHeader(item: TarItem, link: Buffer): Buffer {
  const { path, type, sparse } = item;
  const name = Buffer.from(type === "directory" ? `${path}/` : path, "latin1");
  const mode = type === "executable" || type === "directory" ? 0o755 : 0o644;
  const size = type === "file" || type === "executable" ? packedSize(item) : 0;
  const flag = sparse === undefined ? flags[type] : SPARSE_FLAG;
  const header = block({ name, flag, mode, size, link, time: publishedTime(path) });
  const map = sparse === undefined ? EMPTY : writeSparseFields(header, sparse);
  writeSum(header);
  if (name.length <= NAME_FIELD && link.length <= NAME_FIELD && map.length === 0) return header;
  return Buffer.concat([longField("L", name), longField("K", link), header, map]);
}

/** GNU's entry before an entry, for a name (L) or a link target (K) that does not fit into the header. */
function longField(flag: "L" | "K", value: Buffer): Buffer {
  if (value.length <= NAME_FIELD) return Buffer.alloc(0);
  const size = value.length + 1;
  const header = block({
    name: Buffer.from("././@LongLink"),
    flag,
    mode: 0o644,
    size,
    link: Buffer.alloc(0),
    time: PUBLISHED_TIME,
  });
  writeSum(header);
  return Buffer.concat([header, value, Buffer.alloc(1 + padding(size))]);
}

const template = Buffer.alloc(BLOCK);
template.write("0000000\0", 108);
template.write("0000000\0", 116);
template.write(octal(PUBLISHED_TIME, 12), 136);
template.write("ustar  \0", 257);

interface Fields {
  readonly name: Buffer;
  readonly flag: string;
  readonly mode: number;
  readonly size: number;
  readonly link: Buffer;
  /** Seconds since 1970. */
  readonly time: number;
}

function block({ name, flag, mode, size, link, time }: Fields): Buffer {
  const header = Buffer.from(template);
  if (time !== PUBLISHED_TIME) header.write(octal(time, 12), 136);
  name.copy(header, 0, 0, NAME_FIELD);
  header.write(octal(mode, 8), 100);
  writeNumber(header, 124, size);
  header.write(flag, 156);
  link.copy(header, 157, 0, NAME_FIELD);
  return header;
}
