import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "./error-code.ts";

/** The content of a file that a guest made, through no symlink; null when it is none, or larger than `limit` bytes. */
export function readArtifact(path: string, limit: number): Buffer | null {
  return readPart(path, (size) => (size > limit ? null : 0));
}

/** The regular files that a guest left below a directory, in order, by paths relative to it; through no symlink. */
export function artifactPaths(directory: string, below = ""): string[] {
  const entries = listed(join(directory, below)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return artifactPaths(directory, path);
    return entry.isFile() ? [path] : [];
  });
}

function listed(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) return [];
    throw error;
  }
}

/** The end of a file, at most `limit` bytes; empty when there is none. */
export function readEnd(path: string, limit: number): Buffer {
  return readPart(path, (size) => Math.max(0, size - limit)) ?? Buffer.alloc(0);
}

function readPart(path: string, start: (size: number) => number | null): Buffer | null {
  const fd = openPlain(path);
  if (fd === null) return null;
  try {
    const stats = fstatSync(fd);
    const from = stats.isFile() ? start(stats.size) : null;
    return from === null ? null : readFrom(fd, from, stats.size - from);
  } finally {
    closeSync(fd);
  }
}

function readFrom(fd: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  for (let size = -1; size !== 0 && filled < length; filled += size)
    size = readSync(fd, bytes, filled, length - filled, from + filled);
  return bytes.subarray(0, filled);
}

function openPlain(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (["ENOENT", "ELOOP", "ENOTDIR"].includes(codeOf(error) ?? "")) return null;
    throw error;
  }
}

/** Bytes of a file; 0 when there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Up to `most` bytes of a regular file from `start` on, and the size of all of it; null when there is none, or a symlink. */
export function readSlice(
  path: string,
  start: number | ((size: number) => number),
  most: number,
): { readonly bytes: Buffer; readonly from: number; readonly size: number } | null {
  const fd = openPlain(path);
  if (fd === null) return null;
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return null;
    const from = Math.min(stats.size, typeof start === "number" ? start : start(stats.size));
    return { bytes: readFrom(fd, from, Math.min(most, stats.size - from)), from, size: stats.size };
  } finally {
    closeSync(fd);
  }
}
