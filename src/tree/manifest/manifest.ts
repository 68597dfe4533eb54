import { type BytePath, bytePath, displayPath } from "../../core/byte-path.ts";
import { MismatchError } from "../../core/errors.ts";
import type { EntryType } from "../../core/snapshot.ts";

/** The parts of an entry that decide the content hash; docs/manifest.md. */
export interface ManifestEntry {
  readonly path: BytePath;
  readonly type: EntryType;
  readonly size: number;
  /** 64 lower-case hex digits. */
  readonly digest: string;
}

/** The name and version of the format; the first line of every manifest. */
export const MANIFEST_VERSION = "pikaci-manifest/1";

const magic = Buffer.from(`${MANIFEST_VERSION}\n`, "latin1");
const digestSize = 32;
const headSize = magic.length + 8;
const entryHead = 1 + 8 + 4;
const entrySize = entryHead + digestSize;
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

/** Compares entries by the bytes of their paths, for sorting. */
export function byPath(a: { readonly path: BytePath }, b: { readonly path: BytePath }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** The canonical manifest of a tree, docs/manifest.md; entries in any order, no path twice. */
export function encodeManifest(entries: readonly ManifestEntry[]): Buffer {
  const sorted = isSorted(entries) ? entries : [...entries].sort(byPath);
  const length = sorted.reduce((sum, { path }) => sum + entrySize + path.length, headSize);
  const bytes = Buffer.allocUnsafe(length);
  magic.copy(bytes);
  bytes.writeBigUInt64BE(BigInt(sorted.length), magic.length);
  let offset = headSize;
  for (const entry of sorted) offset = writeEntry(bytes, offset, entry);
  return bytes;
}

function isSorted(entries: readonly ManifestEntry[]): boolean {
  return entries.every((entry, index) => index === 0 || byPath(entries[index - 1] ?? entry, entry) < 0);
}

function writeEntry(bytes: Buffer, start: number, { type, size, path, digest }: ManifestEntry): number {
  bytes[start] = typeBytes[type];
  bytes.writeUInt32BE(Math.floor(size / 2 ** 32), start + 1);
  bytes.writeUInt32BE(size >>> 0, start + 5);
  bytes.writeUInt32BE(path.length, start + 9);
  bytes.write(path, start + entryHead, "latin1");
  const end = start + entryHead + path.length;
  const written = bytes.write(digest, end, digestSize, "hex");
  if (written !== digestSize) throw new RangeError(`not a digest: ${digest}`);
  return end + written;
}

/** Overwrites the entry that starts there by one of the same path, which is as long. */
export function replaceEntry(bytes: Buffer, start: number, entry: ManifestEntry): void {
  writeEntry(bytes, start, entry);
}

/** Entries of a valid manifest. */
export function entryCount(manifest: Buffer): number {
  return Number(manifest.readBigUInt64BE(magic.length));
}

/** Where each entry of a valid manifest starts, and last where it ends. */
export function entryStarts(manifest: Buffer): Uint32Array {
  const count = entryCount(manifest);
  const starts = new Uint32Array(count + 1);
  let start = headSize;
  for (let index = 0; index < count; index += 1) {
    starts[index] = start;
    start += entryLength(manifest, start);
  }
  starts[count] = start;
  return starts;
}

/** Of a valid manifest: entries that are not directories, and the bytes of them all. */
export function manifestTotals(manifest: Buffer): { readonly fileCount: number; readonly byteCount: number } {
  const view = new DataView(manifest.buffer, manifest.byteOffset, manifest.length);
  let [fileCount, byteCount] = [0, 0];
  for (let start = headSize; start < manifest.length; start += entrySize + view.getUint32(start + 9)) {
    if (view.getUint8(start) !== typeBytes.directory) fileCount += 1;
    byteCount += view.getUint32(start + 1) * 2 ** 32 + view.getUint32(start + 5);
  }
  return { fileCount, byteCount };
}

/** Visits the regular files of a valid manifest: where each entry starts, where its path does, and where the digest follows. */
export function walkFiles(
  manifest: Buffer,
  visit: (start: number, pathStart: number, pathEnd: number) => void,
): void {
  const view = new DataView(manifest.buffer, manifest.byteOffset, manifest.length);
  for (let start = headSize, length = 0; start < manifest.length; start += entrySize + length) {
    length = view.getUint32(start + 9);
    const type = view.getUint8(start);
    if (type !== typeBytes.file && type !== typeBytes.executable) continue;
    visit(start, start + entryHead, start + entryHead + length);
  }
}

/** The type, the size and the place of the path of the entry that starts there, in a valid manifest. */
export function entryHeadAt(bytes: Buffer, start: number): EntryHead {
  const pathStart = start + entryHead;
  return {
    type: types.get(bytes.readUInt8(start)) ?? "file",
    size: bytes.readUInt32BE(start + 1) * 2 ** 32 + bytes.readUInt32BE(start + 5),
    pathStart,
    pathEnd: pathStart + bytes.readUInt32BE(start + 9),
  };
}

interface EntryHead extends Pick<ManifestEntry, "type" | "size"> {
  readonly pathStart: number;
  /** Where the digest starts. */
  readonly pathEnd: number;
}

/** Walks through a manifest that `encodeManifest` wrote, and decodes only what is asked for. */
export class ManifestCursor {
  /** Entries of the whole manifest. */
  readonly count: number;
  /** The index of the current entry; `count` at the end. */
  index = 0;
  readonly #bytes: Buffer;
  readonly #text: string;
  /** The whole manifest in hex: slices of one string are many times cheaper than a conversion per digest. */
  readonly #hex: string;
  #start = headSize;

  constructor(manifest: Buffer) {
    this.#bytes = manifest;
    this.#text = manifest.toString("latin1");
    this.#hex = manifest.toString("hex");
    this.count = entryCount(manifest);
  }

  /** Moves forward to the first entry whose path is not before `path`; returns whether it is a `type` at `path`. */
  seek(path: BytePath, type: EntryType): boolean {
    for (; this.index < this.count; this.next()) {
      const length = this.#pathLength();
      const start = this.#start + entryHead;
      if (length === path.length && this.#text.startsWith(path, start))
        return this.#bytes[this.#start] === typeBytes[type];
      if (this.#text.slice(start, start + length) > path) return false;
    }
    return false;
  }

  /** The digest of the current entry's content, 64 hex digits. */
  digest(): string {
    const start = this.#start + entryHead + this.#pathLength();
    return this.#hex.slice(start * 2, (start + digestSize) * 2);
  }

  next(): void {
    this.#start += entrySize + this.#pathLength();
    this.index += 1;
  }

  #pathLength(): number {
    return this.#bytes.readUInt32BE(this.#start + 9);
  }
}

/** The strict inverse of `encodeManifest`; MismatchError for anything but its output. */
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

/** The length of the entry that starts there, in a valid manifest. */
export function entryLength(bytes: Buffer, start: number): number {
  return entrySize + bytes.readUInt32BE(start + 9);
}

/** The entry that starts there, and where it ends; MismatchError. */
export function readEntry(bytes: Buffer, start: number): { entry: ManifestEntry; end: number } {
  const pathStart = start + entryHead;
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

/** Called for the entries of two manifests side by side, in byte order of paths; offsets are bytes of each manifest. */
interface ManifestVisitor {
  /** An entry that both have: `length` equal bytes at these offsets. */
  same(before: number, after: number, length: number): void;
  /** An entry that the second lacks or has differently. */
  removed(entry: ManifestEntry): void;
  /** An entry that the first lacks or has differently. */
  added(entry: ManifestEntry): void;
}

/** Compares two manifests as bytes, and parses only what differs; both must match their hashes. */
export function walkManifests(before: Buffer, after: Buffer, visitor: ManifestVisitor): void {
  let left = headSize;
  let right = headSize;
  while (left < before.length || right < after.length) {
    const leftLength = left < before.length ? entryLength(before, left) : 0;
    const rightLength = right < after.length ? entryLength(after, right) : 0;
    const equal =
      leftLength === rightLength &&
      before.compare(after, right, right + rightLength, left, left + leftLength) === 0;
    const order = equal ? 0 : comparePaths(before, left, after, right);
    if (equal) visitor.same(left, right, leftLength);
    if (!equal && order <= 0) visitor.removed(readEntry(before, left).entry);
    if (!equal && order >= 0) visitor.added(readEntry(after, right).entry);
    if (order <= 0) left += leftLength;
    if (order >= 0) right += rightLength;
  }
}

/** Compares the current paths; the end of a manifest comes after every path. */
function comparePaths(before: Buffer, left: number, after: Buffer, right: number): number {
  if (left >= before.length) return 1;
  if (right >= after.length) return -1;
  const a = readEntry(before, left).entry.path;
  const b = readEntry(after, right).entry.path;
  return a < b ? -1 : a > b ? 1 : 0;
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

/** Checks that no entry is below another: files have no children, and only empty directories are listed. */
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
