import { type BytePath, pathBytes } from "../core/byte-path.ts";
import { PUBLISHED_TIME, publishedTime } from "../core/layout.ts";
import type { EntryType } from "../core/snapshot.ts";
import { bytesSource, type Source } from "./verified.ts";

const BLOCK = 512;
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
  open(): Source;
}

/**
 * A tar archive as GNU tar reads it, in chunks of at most `chunkSize()` bytes, at least 32 KiB; names are bytes:
 * tar-stream and the pax format know only text. Modes are 0755 and 0644, the times `publishedTime`, the owner 0.
 * Files are read right into the chunks, without a promise each: there may be 100,000.
 */
export function* tarChunks(items: Iterable<TarItem>, chunkSize: () => number): Generator<Buffer> {
  const chunks = new ChunkWriter(chunkSize);
  for (const item of items) {
    const linked = item.type === "symlink" || item.type === "link";
    const header = entryHeader(item, linked ? wholeContent(item) : EMPTY);
    if (!chunks.fits(header.length)) yield chunks.take();
    chunks.put(header);
    if (!linked) yield* content(item, chunks);
  }
  if (!chunks.fits(END_OF_ARCHIVE.length)) yield chunks.take();
  chunks.put(END_OF_ARCHIVE);
  yield chunks.take();
}

function* content(item: TarItem, chunks: ChunkWriter): Generator<Buffer> {
  if (item.size === 0 && item.type === "directory") return;
  const source = item.open();
  try {
    for (let left = item.size; left > 0; ) {
      if (!chunks.fits(1)) yield chunks.take();
      left -= chunks.fill(source, left);
    }
  } finally {
    source.close();
  }
  if (!chunks.fits(BLOCK)) yield chunks.take();
  chunks.zeros(padding(item.size));
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

  put(bytes: Buffer): void {
    this.#used += bytes.copy(this.#chunk, this.#used);
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

function entryHeader({ path, type, size }: TarItem, link: Buffer): Buffer {
  const name = Buffer.from(type === "directory" ? `${path}/` : path, "latin1");
  const mode = type === "executable" || type === "directory" ? 0o755 : 0o644;
  const content = type === "file" || type === "executable" ? size : 0;
  const header = block({ name, flag: flags[type], mode, size: content, link, time: publishedTime(path) });
  if (name.length <= NAME_FIELD && link.length <= NAME_FIELD) return header;
  return Buffer.concat([longField("L", name), longField("K", link), header]);
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
  return Buffer.concat([header, value, Buffer.alloc(1 + padding(size))]);
}

const template = Buffer.alloc(BLOCK);
template.write("0000000\0", 108);
template.write("0000000\0", 116);
template.write(octal(PUBLISHED_TIME, 12), 136);
template.write(" ".repeat(8), 148);
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
  writeSize(header, size);
  header.write(flag, 156);
  link.copy(header, 157, 0, NAME_FIELD);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${octal(sum, 7)} `, 148);
  return header;
}

/** Up to 8 GiB in octal, beyond that GNU's binary form. */
function writeSize(header: Buffer, size: number): void {
  if (size < 8 ** 11) header.write(octal(size, 12), 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
}

/** Octal digits that fill a field and end in NUL. */
function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
