import { MismatchError } from "./errors.ts";
import { type BytePath, bytePath, displayPath } from "./ids.ts";
import type { EntryType } from "./model.ts";

/** What of an entry decides the content hash; docs/manifest.md. */
export interface ManifestEntry {
  readonly path: BytePath;
  readonly type: EntryType;
  readonly size: number;
  /** 64 lower-case hex digits. */
  readonly digest: string;
}

const magic = Buffer.from("pikaci-manifest/1\n", "latin1");
const digestSize = 32;
const headSize = magic.length + 8;
const entrySize = 1 + 8 + 4 + digestSize;
/** BLAKE3 of nothing, the digest of every directory. */
export const EMPTY_DIGEST = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

const typeBytes: Readonly<Record<EntryType, number>> = {
  file: 0x66,
  executable: 0x78,
  symlink: 0x6c,
  directory: 0x64,
};
const types = new Map<number, EntryType>([
  [typeBytes.file, "file"],
  [typeBytes.executable, "executable"],
  [typeBytes.symlink, "symlink"],
  [typeBytes.directory, "directory"],
]);

/** Sorts by bytes of the path; for arrays of entries. */
export function byPath(a: { readonly path: BytePath }, b: { readonly path: BytePath }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** The canonical manifest of a tree, docs/manifest.md; entries in any order, no path twice. */
export function encodeManifest(entries: readonly ManifestEntry[]): Buffer {
  const sorted = [...entries].sort(byPath);
  const length = sorted.reduce((sum, { path }) => sum + entrySize + path.length, headSize);
  const bytes = Buffer.allocUnsafe(length);
  magic.copy(bytes);
  bytes.writeBigUInt64BE(BigInt(sorted.length), magic.length);
  sorted.reduce((offset, entry) => writeEntry(bytes, offset, entry), headSize);
  return bytes;
}

function writeEntry(bytes: Buffer, start: number, { type, size, path, digest }: ManifestEntry): number {
  let offset = bytes.writeUInt8(typeBytes[type], start);
  offset = bytes.writeBigUInt64BE(BigInt(size), offset);
  offset = bytes.writeUInt32BE(path.length, offset);
  offset += bytes.write(path, offset, "latin1");
  const written = bytes.write(digest, offset, digestSize, "hex");
  if (written !== digestSize) throw new RangeError(`not a digest: ${digest}`);
  return offset + written;
}

/** Strict inverse of `encodeManifest`; anything else than its output is a MismatchError. */
export function parseManifest(bytes: Buffer): ManifestEntry[] {
  if (!bytes.subarray(0, magic.length).equals(magic)) throw broken("it does not start as version 1 does");
  if (bytes.length < headSize) throw broken("it is cut off");
  const count = bytes.readBigUInt64BE(magic.length);
  const entries: ManifestEntry[] = [];
  let offset = headSize;
  while (entries.length < count) {
    const { entry, end } = readEntry(bytes, offset);
    checkOrder(entries.at(-1), entry);
    entries.push(entry);
    offset = end;
  }
  if (offset !== bytes.length) throw broken(`${bytes.length - offset} bytes follow its last entry`);
  checkParents(entries);
  return entries;
}

function readEntry(bytes: Buffer, start: number): { entry: ManifestEntry; end: number } {
  const pathStart = start + 1 + 8 + 4;
  if (pathStart > bytes.length) throw broken("it is cut off");
  const type = types.get(bytes.readUInt8(start));
  const size = Number(bytes.readBigUInt64BE(start + 1));
  const pathEnd = pathStart + bytes.readUInt32BE(start + 9);
  const end = pathEnd + digestSize;
  if (end > bytes.length) throw broken("it is cut off");
  if (type === undefined) throw broken(`an entry has the unknown type byte ${bytes.readUInt8(start)}`);
  const path = bytePath(bytes.subarray(pathStart, pathEnd));
  const entry = { path, type, size, digest: bytes.toString("hex", pathEnd, end) };
  checkEntry(entry);
  return { entry, end };
}

function checkEntry({ path, type, size, digest }: ManifestEntry): void {
  const shown = displayPath(path);
  const unsafe = path.includes("\0") || path.split("/").some((name) => /^\.{0,2}$/.test(name));
  if (unsafe) throw broken(`it holds the unsafe path "${shown}"`);
  if (!Number.isSafeInteger(size)) throw broken(`the size of "${shown}" is out of range`);
  const content = size !== 0 || digest !== EMPTY_DIGEST;
  if (type === "directory" && content) throw broken(`the directory "${shown}" has content`);
}

function checkOrder(previous: ManifestEntry | undefined, { path }: ManifestEntry): void {
  if (previous === undefined || previous.path < path) return;
  const what = previous.path === path ? "stands there twice" : "is out of order";
  throw broken(`the path "${displayPath(path)}" ${what}`);
}

/** No entry lies below another: files have no children, and a directory is listed only when empty. */
function checkParents(entries: readonly ManifestEntry[]): void {
  const paths = new Set<string>(entries.map(({ path }) => path));
  for (const { path } of entries)
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1))
      if (paths.has(path.slice(0, end))) throw broken(`"${displayPath(path)}" lies below another entry`);
}

function broken(what: string): MismatchError {
  return new MismatchError(`this is not a pikaci manifest: ${what}`, {
    hint: "run the command again with `--repair` to publish the snapshot anew",
  });
}
