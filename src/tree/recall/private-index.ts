import { type BytePath, pathBytes, toPath } from "../../core/byte-path.ts";
import type { EntryType } from "../../core/snapshot.ts";

/** A file or symlink as git's index knows one, of whose stat git keeps whole seconds and 32 bits of each number. */
export interface IndexFile {
  readonly path: BytePath;
  readonly type: Exclude<EntryType, "directory">;
  /** Null makes git take the file for changed, whatever it is. */
  readonly stat: IndexStat | null;
}

export interface IndexStat {
  /** Seconds since 1970. */
  readonly ctime: number;
  readonly mtime: number;
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const HEAD = 12;
/** Of an entry before its path: ten numbers of 32 bits, an object's id, flags. */
const ENTRY = 62;
const ID = 20;
const LONGEST_NAME = 0xfff;

/** The id of the empty blob: any other makes git read each empty file. */
const EMPTY_BLOB = Buffer.from("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "hex");

const modes = { file: 0o100644, executable: 0o100755, symlink: 0o120000 } as const;

/** A path that is never there: git names it whenever it has read the index with this mark. */
export function markPath(mark: string): BytePath {
  return toPath(`.git/pikaci-${mark}`);
}

/**
 * An index of version 2 (gitformat-index) with these files, in any order, all of one owner. It ends in zeros instead of a
 * checksum, as `index.skipHash` has it.
 */
export function encodeIndex(files: readonly IndexFile[], { uid, gid }: Owner): Buffer {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const size = sorted.reduce((sum, { path }) => sum + entrySize(path), HEAD + ID);
  const bytes = Buffer.alloc(size);
  bytes.write("DIRC", "latin1");
  bytes.writeUInt32BE(2, 4);
  bytes.writeUInt32BE(sorted.length, 8);
  let at = HEAD;
  for (const { path, type, stat } of sorted) {
    if (stat !== null) writeStat(bytes, at, stat);
    bytes.writeUInt32BE(modes[type], at + 24);
    bytes.writeUInt32BE(uid, at + 28);
    bytes.writeUInt32BE(gid, at + 32);
    EMPTY_BLOB.copy(bytes, at + 40);
    bytes.writeUInt16BE(Math.min(path.length, LONGEST_NAME), at + 60);
    pathBytes(path).copy(bytes, at + ENTRY);
    at += entrySize(path);
  }
  return bytes;
}

function writeStat(bytes: Buffer, at: number, { ctime, mtime, dev, ino, size }: IndexStat): void {
  bytes.writeUInt32BE(ctime, at);
  bytes.writeUInt32BE(mtime, at + 8);
  bytes.writeUInt32BE(dev, at + 16);
  bytes.writeUInt32BE(ino, at + 20);
  bytes.writeUInt32BE(size, at + 36);
}

/** A path ends in one to eight zeros, so that the next entry starts at a multiple of eight. */
function entrySize(path: BytePath): number {
  return (ENTRY + path.length + 8) & ~7;
}
