import { SnapshotRefused } from "../core/errors.ts";
import { createHasher, type Hasher } from "../system/blake3.ts";
import {
  CHUNK_SIZE,
  changed,
  hasCode,
  isRegular,
  type OpenFile,
  openFile,
  readLink,
  unreadable,
} from "../system/files.ts";
import type { ManifestEntry } from "../tree/manifest/manifest.ts";
import { type Piece, type SparseMap, wholeFile } from "./sparse-map.ts";

/** A known number of bytes, to be read in order. */
export interface Source {
  /**
   * Fills the beginning of the buffer and returns how many bytes: at least one as long as any are left, except of a file with
   * holes, where 0 means that another call goes on.
   */
  read(buffer: Buffer): number;
  close(): void;
}

/** Content at hand. */
export function bytesSource(bytes: Buffer): Source {
  let at = 0;
  return {
    read: (buffer) => {
      const count = bytes.copy(buffer, 0, at);
      at += count;
      return count;
    },
    close: () => {},
  };
}

/**
 * The content of an entry as it was hashed: exactly `size` bytes (of a symlink its target, of a directory none). Its
 * executable bit is the entry's, whatever the file's is by now. The last byte is returned only if all bytes were right.
 * This and `read` throw TreeChanged naming the path when it differs, SnapshotRefused when it cannot be read.
 */
export function openVerified(workspace: string, entry: ManifestEntry): Source {
  if (entry.type === "directory") return bytesSource(Buffer.alloc(0));
  try {
    return entry.type === "symlink" ? verifiedLink(workspace, entry) : new VerifiedFile(workspace, entry);
  } catch (cause) {
    throw explained(entry, cause);
  }
}

/**
 * The data of a file with holes, checked as `openVerified` does: its holes are hashed as zeros and not read, so what was
 * checked is what whoever has the map and the data makes of them. The map's data ends where the file does.
 */
export function openVerifiedData(workspace: string, entry: ManifestEntry, map: SparseMap): Source {
  try {
    return new VerifiedFile(workspace, entry, map);
  } catch (cause) {
    throw explained(entry, cause);
  }
}

/** An entry's content in chunks, checked as `openVerified` does: throws what it throws. */
export function* readVerified(workspace: string, entry: ManifestEntry): Generator<Buffer> {
  const source = openVerified(workspace, entry);
  try {
    for (let left = entry.size; left > 0; ) {
      const buffer = Buffer.allocUnsafe(Math.min(left, CHUNK_SIZE));
      const count = source.read(buffer);
      left -= count;
      yield buffer.subarray(0, count);
    }
  } finally {
    source.close();
  }
}

function verifiedLink(workspace: string, entry: ManifestEntry): Source {
  const target = readLink(workspace, entry.path);
  if (createHasher().update(target).digest("hex") !== entry.digest) throw changed(entry.path);
  return bytesSource(target);
}

/** Making a hasher costs as much as hashing a small file. */
const idleHashers: Hasher[] = [];

/** Bytes of a hole that are hashed before others may run. */
const HOLE_AT_ONCE = 64 * CHUNK_SIZE;
const zeros = Buffer.alloc(CHUNK_SIZE);

class VerifiedFile implements Source {
  readonly #entry: ManifestEntry;
  readonly #data: readonly Piece[];
  readonly #file: OpenFile;
  readonly #hasher = idleHashers.pop() ?? createHasher();
  #piece = 0;
  #place = 0;

  constructor(workspace: string, entry: ManifestEntry, { data }: SparseMap = wholeFile(entry.size)) {
    this.#entry = entry;
    this.#data = data;
    this.#file = openFile(workspace, entry.path);
    const now = this.#file.inspect();
    if (isRegular(now) && now.size === entry.size) {
      if (entry.size === 0) this.#check();
      return;
    }
    this.close();
    throw changed(entry.path);
  }

  read(buffer: Buffer): number {
    const piece = this.#data[this.#piece];
    if (piece === undefined) return 0;
    if (this.#place < piece.offset && !this.#hashHole(piece.offset)) return 0;
    const left = piece.offset + piece.length - this.#place;
    const target = buffer.length > left ? buffer.subarray(0, left) : buffer;
    const count = this.#attempt(target);
    this.#hasher.update(count === buffer.length ? buffer : buffer.subarray(0, count));
    this.#place += count;
    if (count === 0 && target.length > 0) throw changed(this.#entry.path);
    if (count === left) this.#piece += 1;
    if (this.#place === this.#entry.size && count > 0) this.#check();
    return count;
  }

  close(): void {
    this.#file.close();
    this.#hasher.reset();
    idleHashers.push(this.#hasher);
  }

  /** Hashes a part of a hole; whether that was its end. */
  #hashHole(end: number): boolean {
    const stop = Math.min(end, this.#place + HOLE_AT_ONCE);
    for (let size = 0; this.#place < stop; this.#place += size) {
      size = Math.min(zeros.length, stop - this.#place);
      this.#hasher.update(size === zeros.length ? zeros : zeros.subarray(0, size));
    }
    return stop === end;
  }

  #attempt(target: Buffer): number {
    try {
      return this.#file.read(target, this.#place);
    } catch (cause) {
      throw explained(this.#entry, cause);
    }
  }

  #check(): void {
    if (this.#hasher.digest("hex") !== this.#entry.digest) throw changed(this.#entry.path);
  }
}

function explained({ path }: ManifestEntry, cause: unknown): SnapshotRefused {
  if (cause instanceof SnapshotRefused) return cause;
  return hasCode(cause, ["ENOENT", "ENOTDIR", "ELOOP", "EINVAL", "EISDIR"])
    ? changed(path, cause)
    : unreadable(path, cause);
}
