import { pathBytes } from "../../core/byte-path.ts";
import { type ManifestEntry, readEntry, walkFiles } from "./manifest.ts";

/** Text for `b3sum --check`, run inside the tree, and how many files it cannot name. */
interface B3sums {
  readonly bytes: Buffer;
  /** Regular files whose names b3sum refuses: not UTF-8, U+FFFD, carriage return. */
  readonly leftOut: number;
}

const DIGEST_SIZE = 32;
const HEX_SIZE = 2 * DIGEST_SIZE;
const BEFORE_NAME = Buffer.from("  ./");
const NEWLINE = 0x0a;
/** Of a line, besides the name: the digest, what stands around the name, the mark of an escaped one. */
const LINE_SIZE = HEX_SIZE + BEFORE_NAME.length + 2;

/** Lists only regular files, since `b3sum` follows symlinks and reads no directories. Takes a valid manifest. */
export function b3sums(manifest: Buffer): B3sums {
  // An escaped name is at most twice as long.
  let [most, leftOut, at] = [0, 0, 0];
  walkFiles(manifest, (_, pathStart, pathEnd) => {
    most += LINE_SIZE + 2 * (pathEnd - pathStart);
  });
  const bytes = Buffer.allocUnsafeSlow(most);
  walkFiles(manifest, (start, pathStart, pathEnd) => {
    const written = writePlainLine(bytes, at, manifest, pathStart, pathEnd);
    at += written;
    if (written > 0) return;
    const line = b3sumsLine(readEntry(manifest, start).entry);
    if (line === null) leftOut += 1;
    else at += bytes.write(line, at);
  });
  return { bytes: bytes.subarray(0, at), leftOut };
}

const LINES_AT_ONCE = 1000;

/** Visits the digests alone, a line each, in byte order of the files' paths; the bytes are another part's after the visit. */
export function digestLines(manifest: Buffer, visit: (lines: Buffer) => void): void {
  const bytes = Buffer.allocUnsafeSlow(LINES_AT_ONCE * (HEX_SIZE + 1));
  let at = 0;
  walkFiles(manifest, (_, __, pathEnd) => {
    writeHex(bytes, at, manifest, pathEnd);
    bytes[at + HEX_SIZE] = NEWLINE;
    at += HEX_SIZE + 1;
    if (at < bytes.length) return;
    visit(bytes);
    at = 0;
  });
  visit(bytes.subarray(0, at));
}

/** Writes the line of a file whose name is of plain ASCII, as bytes: there may be 100,000. Returns its length; 0 for another name. */
function writePlainLine(
  target: Buffer,
  at: number,
  manifest: Buffer,
  pathStart: number,
  pathEnd: number,
): number {
  let end = at + HEX_SIZE;
  for (const byte of BEFORE_NAME) target[end++] = byte;
  for (let from = pathStart; from < pathEnd; from += 1) {
    const byte = manifest[from] ?? 0;
    if (byte < 0x20 || byte > 0x7e || byte === 0x5c) return 0;
    target[end++] = byte;
  }
  writeHex(target, at, manifest, pathEnd);
  target[end++] = NEWLINE;
  return end - at;
}

const DIGITS = Buffer.from("0123456789abcdef");

function writeHex(target: Buffer, at: number, manifest: Buffer, digestStart: number): void {
  for (let index = 0; index < DIGEST_SIZE; index += 1) {
    const byte = manifest[digestStart + index] ?? 0;
    target[at + 2 * index] = DIGITS[byte >> 4] ?? 0;
    target[at + 2 * index + 1] = DIGITS[byte & 15] ?? 0;
  }
}

/**
 * A regular file's line; null for a name that b3sum refuses. With `./`, a file named `-` does not mean stdin; a leading backslash
 * says that the name is escaped.
 */
export function b3sumsLine({ path, digest }: ManifestEntry): string | null {
  if (/^[ -[\]-~]*$/.test(path)) return `${digest}  ./${path}\n`;
  const bytes = pathBytes(path);
  const name = bytes.toString("utf8");
  if (/[\ufffd\r]/.test(name)) return null;
  const escaped = name.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return `${escaped === name ? "" : "\\"}${digest}  ./${escaped}\n`;
}
