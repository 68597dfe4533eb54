import type { Brand } from "./ids.ts";

/** A path relative to the workspace as bytes: one latin1 character per byte, so string order is byte order. */
export type BytePath = Brand<"BytePath">;

/** The workspace itself. */
export const ROOT = toPath("");

/** A path from text with one latin1 character per byte, as git's output is read here. */
export function toPath(latin1: string): BytePath {
  return latin1 as BytePath;
}

/** `path` below `directory`; with `ROOT` as path, the directory with a trailing slash. */
export function joinPaths(directory: BytePath, path: BytePath): BytePath {
  return directory === ROOT ? path : toPath(`${directory}/${path}`);
}

/** The directory of a path; of a top-level name, `ROOT`. */
export function parentPath(path: BytePath): BytePath {
  return toPath(path.slice(0, Math.max(path.lastIndexOf("/"), 0)));
}

/** A path from its bytes. */
export function bytePath(bytes: Uint8Array): BytePath {
  return Buffer.from(bytes).toString("latin1") as BytePath;
}

/** The bytes that the file system knows a path by. */
export function pathBytes(path: BytePath): Buffer {
  return Buffer.from(path, "latin1");
}

/** Printable form of a byte path: UTF-8 where valid; control characters and invalid bytes as `\xNN`. */
export function displayPath(path: BytePath): string {
  const bytes = pathBytes(path);
  const text = bytes.toString("utf8");
  const valid = Buffer.from(text, "utf8").equals(bytes);
  const hex = (c: string) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return valid ? text.replace(/[\p{Cc}\\]/gu, hex) : path.replace(/[^\x20-\x5b\x5d-\x7e]/g, hex);
}
