import { randomInt } from "node:crypto";
import {
  closeSync,
  constants,
  fsyncSync,
  lutimesSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { InfraError } from "../core/errors.ts";
import { codeOf } from "./error-code.ts";
import { inDirectory, makeOwnDirectory } from "./own-directory.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

export interface WriteOptions {
  /** Returns when the content, and then the name, is on the disk; default false. */
  readonly durable?: boolean;
}

/** Writes a JSON document to a temporary name and renames it. InfraError("client"). */
export function writeJson(path: string, value: unknown, options: WriteOptions = {}): void {
  onClientDisk(path, () => replaceFile(path, Buffer.from(jsonText(value)), options));
}

/** A document as it is stored. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Writes a file to a temporary name and renames it: it is there whole or not at all. InfraError("client"). */
export function writeBytes(path: string, data: Uint8Array): void {
  onClientDisk(path, () => replaceFile(path, data, {}));
}

/** Waits until files, and then the names in directories, are on the disk; what is not there is passed over. InfraError("client"). */
export function syncToDisk(files: readonly string[], directories: readonly string[]): void {
  for (const path of [...files, ...directories])
    onClientDisk(path, () => {
      try {
        inDirectory(dirname(path), (place) => syncPath(join(place, basename(path))));
      } catch (error) {
        if (codeOf(error) !== "ENOENT") throw error;
      }
    });
}

/** Some file systems cannot sync a directory, and need not be told to. */
function syncPath(path: string): void {
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    fsyncSync(fd);
  } catch (error) {
    if (!["EINVAL", "ENOTSUP"].includes(codeOf(error) ?? "")) throw error;
  } finally {
    closeSync(fd);
  }
}

/** The rename replaces what is there, also a link; the number tells a later `prune` what a killed writer left. */
function replaceFile(path: string, data: Uint8Array, options: WriteOptions): void {
  inDirectory(dirname(path), (place) => {
    const temporary = join(place, `${basename(path)}.${randomInt(2 ** 47)}`);
    try {
      writeNew(temporary, data, options);
      renameSync(temporary, join(place, basename(path)));
      // `join` drops the dot, without which a descriptor's place is a link.
      if (options.durable) syncPath(`${place}/.`);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

function writeNew(path: string, data: Uint8Array, { durable = false }: WriteOptions): void {
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  try {
    writeAll(fd, data);
    if (durable) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
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
      lutimesSync(path, now, now);
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
  onClientDisk(path, () => removeIn(path, { force: true }));
}

/** Removes a directory with all that is in it; fine when it is gone already. InfraError("client"). */
export function removeTree(path: string): void {
  onClientDisk(path, () => removeIn(path, { recursive: true, force: true }));
}

function removeIn(path: string, options: { readonly recursive?: true; readonly force: true }): void {
  try {
    inDirectory(dirname(path), (place) => rmSync(join(place, basename(path)), options));
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

/** A JSON document, not yet checked; throws what `readFileSync` and `JSON.parse` throw. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Whether `readJson` threw because there is no such file, it cannot be read (a directory, no permission), or is no JSON. */
export function isNoDocument(error: unknown): boolean {
  return error instanceof SyntaxError || codeOf(error) !== null;
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
    hint: "make it readable by this account",
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

/** With what it lies in. InfraError("client"). */
export function makeDirectory(path: string): void {
  onClientDisk(path, () => makeOwnDirectory(path));
}

/** Writes a file once; what is there already stays. */
export function writeOnce(path: string, text: string): void {
  onClientDisk(path, () =>
    inDirectory(dirname(path), (place) => {
      const fd = openUnlessThere(join(place, basename(path)));
      if (fd === null) return;
      try {
        writeAll(fd, Buffer.from(text));
      } finally {
        closeSync(fd);
      }
    }),
  );
}

function openUnlessThere(path: string): number | null {
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
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
      const fd = this.#open.get(path) ?? openToAppend(path);
      this.#open.set(path, fd);
      writeAll(fd, typeof data === "string" ? Buffer.from(data) : data);
    });
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }
}

function openToAppend(path: string): number {
  const flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW;
  return inDirectory(dirname(path), (place) => openSync(join(place, basename(path)), flags, 0o644));
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: "free space on this machine's disk, then run again",
  EDQUOT: "free space in your quota on this machine, then run again",
  EROFS: "the workspace lies on a read-only file system: run from a writable copy",
  ELOOP: "a link stands where pikaci writes a file of its own: look at where it came from, then remove it",
  ENOTDIR: "`.pikaci` in the workspace must be a directory: move what is there out of the way",
  EEXIST: "`.pikaci` in the workspace must be a directory: move what is there out of the way",
};

function hintFor(code: string, path: string): string | undefined {
  if (code === "EACCES" || code === "EPERM") return `make ${dirname(path)} writable by this account`;
  return HINTS[code];
}

function onClientDisk(path: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === null) throw cause;
    throw new InfraError("client", `cannot write ${path}: ${code}`, {
      hint: hintFor(code, path) ?? "records are kept in `.pikaci` of the workspace, which must be writable",
      cause,
    });
  }
}
