import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { resolve } from "node:path";
import { type BytePath, displayPath, pathBytes, ROOT } from "../core/byte-path.ts";
import { SnapshotRefused, TreeChanged } from "../core/errors.ts";
import type { EntryType } from "../core/snapshot.ts";
import { codeOf } from "./error-code.ts";
import { packStat } from "./file-stat.ts";

/** Bytes read at once. */
export const CHUNK_SIZE = 1 << 20;

/** What `lstat` says of a path; `special` is a socket, FIFO or device. */
export interface Inspected {
  readonly type: EntryType | "special";
  readonly size: number;
  /** As `SnapshotEntry.stat`. */
  readonly stat: string;
}

/** The absolute path of an entry: text, or its bytes where they are not ASCII. */
export function absolutePath(root: string, path: BytePath): string | Buffer {
  if (path === ROOT) return root;
  return /[\x80-\xff]/.test(path)
    ? Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)])
    : `${root}/${path}`;
}

const statOptions = { bigint: true, throwIfNoEntry: false } as const;

/** Null when nothing is there; throws SnapshotRefused when it cannot be looked at. */
export function inspect(root: string, path: BytePath): Inspected | null {
  try {
    const stats = lstatSync(absolutePath(root, path), statOptions);
    return stats === undefined ? null : describe(stats);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function describe(stats: BigIntStats): Inspected {
  const type = typeOf(Number(stats.mode));
  return { type, size: type === "directory" ? 0 : Number(stats.size), stat: packStat(stats) };
}

function typeOf(mode: number): Inspected["type"] {
  switch (mode & constants.S_IFMT) {
    case constants.S_IFREG:
      return (mode & 0o100) === 0 ? "file" : "executable";
    case constants.S_IFLNK:
      return "symlink";
    case constants.S_IFDIR:
      return "directory";
    default:
      return "special";
  }
}

/** Whether a path leads, through symlinks too, to a directory. */
export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Absolute, and where a symlink at its end leads; throws SnapshotRefused when nothing is there. */
export function realPath(path: string): string {
  try {
    return lstatSync(path).isSymbolicLink() ? realpathSync(path) : resolve(path);
  } catch (cause) {
    const what = hasCode(cause, ["ENOENT", "ENOTDIR"]) ? "does not exist" : "cannot be reached";
    throw new SnapshotRefused(`the path ${JSON.stringify(path)} ${what}`, {
      hint: "make it first (for `node_modules`, run `npm ci`), or correct the job's `prepare` in the configuration",
      cause,
    });
  }
}

/** Whether a file takes less room on its disk than it is long: it has holes, or the disk compresses. Throws Node's own error. */
export function hasHoles(root: string, path: BytePath): boolean {
  const { blocks, size } = lstatSync(absolutePath(root, path));
  return blocks * 512 < size;
}

/** The target of a symlink, as bytes. */
export function readLink(root: string, path: BytePath): Buffer {
  return readlinkSync(absolutePath(root, path), { encoding: "buffer" });
}

/** A regular file open for reading; never a symlink's target, never waiting on a FIFO. */
export interface OpenFile {
  /** Reads into the buffer from the current position, or from another, which leaves that one; 0 at the end. */
  read(buffer: Buffer, position?: number): number;
  inspect(): Inspected;
  close(): void;
}

/** Throws Node's own error, ELOOP for a symlink. */
export function openFile(root: string, path: BytePath): OpenFile {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(absolutePath(root, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  return {
    read: (buffer, position) => readSync(fd, buffer, 0, buffer.length, position ?? null),
    inspect: () => describe(fstatSync(fd, { bigint: true })),
    close: () => closeSync(fd),
  };
}

/** Whether it is a file, executable or not. */
export function isRegular({ type }: Pick<Inspected, "type">): boolean {
  return type === "file" || type === "executable";
}

/** Whether an error of Node's file calls carries one of the codes. */
export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return codes.some((code) => code === codeOf(error));
}

/** A path that exists and cannot be read: permissions, a broken disk. */
export function unreadable(path: BytePath, cause: unknown): SnapshotRefused {
  const reason = cause instanceof Error ? cause.message.replace(/, \w+ '.*$/s, "") : String(cause);
  return new SnapshotRefused(`cannot read "${shown(path)}": ${reason}`, {
    hint: "make it readable for this user, or leave it out: `.gitignore`, or `snapshot.exclude` in the configuration",
    cause,
  });
}

/** What was hashed is not there any more. */
export function changed(path: BytePath, cause?: unknown): TreeChanged {
  return new TreeChanged(`"${shown(path)}" changed after it was hashed`, {
    hint: "run the command again once nothing writes to the workspace, or leave the path out with `snapshot.exclude`",
    cause,
  });
}

function shown(path: BytePath): string {
  return path === ROOT ? "." : displayPath(path);
}
