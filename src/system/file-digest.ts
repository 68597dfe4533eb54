import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { createHasher } from "./blake3.ts";
import { codeOf } from "./error-code.ts";

const CHUNK = 1 << 20;

/** Of a regular file, or of its first bytes. */
interface FileDigest {
  /** BLAKE3, 64 hex digits. */
  readonly digest: string;
  /** Bytes that were read: fewer than were asked for when the file is shorter. */
  readonly bytes: number;
}

/** Digests a file's first `limit` bytes, or all of it; follows no link. Null when it is no regular file or cannot be read. */
export function digestFile(path: string, limit = Number.POSITIVE_INFINITY): FileDigest | null {
  const fd = openPlain(path);
  if (fd === null) return null;
  try {
    return fstatSync(fd).isFile() ? digestOf(fd, limit) : null;
  } finally {
    closeSync(fd);
  }
}

function digestOf(fd: number, limit: number): FileDigest {
  const hasher = createHasher();
  const buffer = Buffer.allocUnsafe(CHUNK);
  let bytes = 0;
  for (let size = -1; size !== 0 && bytes < limit; bytes += size) {
    size = readSync(fd, buffer, 0, Math.min(CHUNK, limit - bytes), bytes);
    hasher.update(buffer.subarray(0, size));
  }
  return { digest: hasher.digest("hex"), bytes };
}

function openPlain(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) !== null) return null;
    throw error;
  }
}
