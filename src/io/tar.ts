import { type BytePath, pathBytes } from "../ids.ts";
import type { EntryType } from "../model.ts";

const BLOCK = 512;
const NAME_FIELD = 100;
/** Two empty blocks. */
const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);

/** Something to put into an archive; `size` bytes of content; for a symlink its target, for a link the path of the file. */
export interface TarItem {
  readonly path: BytePath;
  /** `link`: another name of a file that is there already. */
  readonly type: EntryType | "link";
  readonly size: number;
  content(): AsyncIterable<Buffer> | Iterable<Buffer>;
}

/**
 * A tar archive as GNU tar reads it, names as bytes: tar-stream and the pax format know only text.
 * Modes are 0755 and 0644, the times 1970-01-01T00:00:01Z, the owner 0.
 */
export async function* tarArchive(items: Iterable<TarItem>): AsyncGenerator<Buffer, void, undefined> {
  for (const item of items) {
    if (item.type === "symlink" || item.type === "link") {
      yield entryHeader(item, await concatenated(item));
      continue;
    }
    yield entryHeader(item, Buffer.alloc(0));
    yield* item.content();
    yield Buffer.alloc(padding(item.size));
  }
  yield END_OF_ARCHIVE;
}

/** Another name of a file that is there already. */
export function tarLink(path: BytePath, file: BytePath): TarItem {
  const target = pathBytes(file);
  return { path, type: "link", size: target.length, content: () => [target] };
}

/** An entry with the content at hand. */
export function tarFile(path: BytePath, body: Buffer): TarItem {
  return { path, type: "file", size: body.length, content: () => [body] };
}

export function tarDirectory(path: BytePath): TarItem {
  return { path, type: "directory", size: 0, content: () => [] };
}

async function concatenated(item: TarItem): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of item.content()) parts.push(part);
  return Buffer.concat(parts);
}

const flags = { file: "0", executable: "0", link: "1", symlink: "2", directory: "5" } as const;

function entryHeader({ path, type, size }: TarItem, link: Buffer): Buffer {
  const name = Buffer.concat([pathBytes(path), Buffer.from(type === "directory" ? "/" : "")]);
  const mode = type === "executable" || type === "directory" ? 0o755 : 0o644;
  const content = type === "file" || type === "executable" ? size : 0;
  return Buffer.concat([
    longField("L", name),
    longField("K", link),
    block(name, flags[type], mode, content, link),
  ]);
}

/** GNU's entry before an entry, for a name (L) or a link target (K) that does not fit into the header. */
function longField(flag: "L" | "K", value: Buffer): Buffer {
  if (value.length <= NAME_FIELD) return Buffer.alloc(0);
  const size = value.length + 1;
  const header = block(Buffer.from("././@LongLink"), flag, 0o644, size, Buffer.alloc(0));
  return Buffer.concat([header, value, Buffer.alloc(1 + padding(size))]);
}

function block(name: Buffer, flag: string, mode: number, size: number, link: Buffer): Buffer {
  const header = Buffer.alloc(BLOCK);
  name.copy(header, 0, 0, NAME_FIELD);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  writeSize(header, size);
  header.write(octal(1, 12), 136);
  header.write(" ".repeat(8), 148);
  header.write(flag, 156);
  link.copy(header, 157, 0, NAME_FIELD);
  header.write("ustar  \0", 257);
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
