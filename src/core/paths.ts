import { type BytePath, latin1Path } from "./ids.ts";

/** The workspace itself. */
export const ROOT = toPath("");

/** A path from text with one latin1 character a byte, as git's output is read here. */
export function toPath(latin1: string): BytePath {
  return latin1Path(latin1);
}

/** `path` below `directory`; with `ROOT` as path, the directory with a trailing slash. */
export function joinPaths(directory: BytePath, path: BytePath): BytePath {
  return directory === ROOT ? path : toPath(`${directory}/${path}`);
}

/** The directory of a path; of a top-level name, `ROOT`. */
export function parentPath(path: BytePath): BytePath {
  return toPath(path.slice(0, Math.max(path.lastIndexOf("/"), 0)));
}
