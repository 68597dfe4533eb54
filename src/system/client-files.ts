import {
  closeSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import writeFileAtomic from "write-file-atomic";
import { InfraError } from "../core/errors.ts";

/** Writes a JSON document to a temporary name and renames it; `durable` waits for the disk. InfraError("client"). */
export function writeJson(path: string, value: unknown, durable = false): void {
  onClientDisk(path, () =>
    writeFileAtomic.sync(path, `${JSON.stringify(value, null, 2)}\n`, { fsync: durable, mode: 0o644 }),
  );
}

/** Writes a file to a temporary name and renames it: it is there whole or not at all. InfraError("client"). */
export function writeBytes(path: string, data: Uint8Array): void {
  onClientDisk(path, () =>
    writeFileAtomic.sync(path, Buffer.from(data.buffer, data.byteOffset, data.length), {
      fsync: false,
      mode: 0o644,
    }),
  );
}

/** The whole file; null when it is not there. InfraError("client"). */
export function readBytes(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return null;
    throw unreadable(path, cause);
  }
}

/** Sets a file's times to now, so that `changedAt` tells its last use; what is gone stays gone. InfraError("client"). */
export function touch(path: string, now: Date): void {
  onClientDisk(path, () => {
    try {
      utimesSync(path, now, now);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
  });
}

/** As `touch`, for a symlink itself. InfraError("client"). */
export function touchLink(path: string, now: Date): void {
  onClientDisk(path, () => lutimesSync(path, now, now));
}

/** Removes a file; fine when it is gone already. InfraError("client"). */
export function removeFile(path: string): void {
  onClientDisk(path, () => rmSync(path, { force: true }));
}

/** Removes a directory with all that is in it; fine when it is gone already. InfraError("client"). */
export function removeTree(path: string): void {
  onClientDisk(path, () => rmSync(path, { recursive: true, force: true }));
}

/** A JSON document, not yet checked; throws what `readFileSync` and `JSON.parse` throw. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Names in byte order; none when the directory is not there. InfraError("client"). */
export function listDirectory(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return [];
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): InfraError {
  return new InfraError("client", `cannot read ${path}: ${codeOf(cause) ?? String(cause)}`, {
    hint: "make `.pikaci` in the workspace readable for you",
    cause,
  });
}

/** When a file was last written; null when it is not there. InfraError("client"). */
export function changedAt(path: string): Date | null {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mtime ?? null;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

export function makeDirectory(path: string): void {
  onClientDisk(path, () => mkdirSync(path, { recursive: true }));
}

/** Writes a file once; what is there already stays. */
export function writeOnce(path: string, text: string): void {
  onClientDisk(path, () => {
    const fd = openUnlessThere(path);
    if (fd === null) return;
    try {
      writeSync(fd, text);
    } finally {
      closeSync(fd);
    }
  });
}

function openUnlessThere(path: string): number | null {
  try {
    return openSync(path, "wx");
  } catch (error) {
    if (codeOf(error) === "EEXIST") return null;
    throw error;
  }
}

/** Files that only grow, opened at their first line; written at once, so that a killed client loses nothing. */
export class AppendFiles {
  readonly #open = new Map<string, number>();

  append(path: string, data: string | Buffer): void {
    onClientDisk(path, () => {
      const fd = this.#open.get(path) ?? openSync(path, "a");
      this.#open.set(path, fd);
      const bytes = typeof data === "string" ? Buffer.from(data) : data;
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    });
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }
}

export function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: "free space on this machine's disk, then run again",
  EDQUOT: "free space in your quota on this machine, then run again",
  EROFS: "the workspace lies on a read-only file system: run from a writable copy",
  EACCES: "make `.pikaci` in the workspace writable for you",
  EPERM: "make `.pikaci` in the workspace writable for you",
  ENOTDIR: "`.pikaci` in the workspace must be a directory: move what is there away",
  EEXIST: "`.pikaci` in the workspace must be a directory: move what is there away",
};

function onClientDisk(path: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === null) throw cause;
    throw new InfraError("client", `cannot write ${path}: ${code}`, {
      hint: HINTS[code] ?? "records are kept in `.pikaci` of the workspace, which must be writable",
      cause,
    });
  }
}
