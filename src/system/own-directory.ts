import { closeSync, constants, existsSync, lstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "./error-code.ts";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
const DESCRIPTORS = "/proc/self/fd";

/**
 * Calls `use` with a path of a directory, and gives what it gives. What lies below a `.pikaci` may have come with a tree:
 * a link in its place, or on the way from it to the directory, is Node's ENOTDIR and never followed. On Linux the path
 * given is that of a descriptor, so what is put in the directory's place meanwhile is not followed either.
 */
export function inDirectory<T>(path: string, use: (place: string) => T): T {
  return walk(path, () => {}, use);
}

/** Makes a directory and what it lies in, as `inDirectory` would reach it. */
export function makeOwnDirectory(path: string, mode = 0o777): void {
  const { trusted } = splitPath(path);
  makeDirectories(trusted, mode);
  walk(
    path,
    (place) => makeUnlessThere(place, mode),
    () => {},
  );
}

function walk<T>(path: string, before: (place: string) => void, use: (place: string) => T): T {
  const { trusted, below } = splitPath(path);
  if (below.length === 0) return use(trusted);
  return hasDescriptors()
    ? byDescriptors(trusted, below, before, use)
    : byLooking(trusted, below, before, use);
}

function byDescriptors<T>(
  trusted: string,
  below: readonly string[],
  before: (place: string) => void,
  use: (place: string) => T,
): T {
  let fd = openSync(trusted, O_RDONLY | O_DIRECTORY);
  try {
    for (const name of below) {
      const place = `${DESCRIPTORS}/${fd}/${name}`;
      before(place);
      const next = openSync(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      closeSync(fd);
      fd = next;
    }
    return use(`${DESCRIPTORS}/${fd}`);
  } finally {
    closeSync(fd);
  }
}

function byLooking<T>(
  trusted: string,
  below: readonly string[],
  before: (place: string) => void,
  use: (place: string) => T,
): T {
  let place = trusted;
  for (const name of below) {
    place = join(place, name);
    before(place);
    if (!lstatSync(place).isDirectory()) throw noDirectory(place);
  }
  return use(place);
}

/** What `open` says where the kernel looks. */
function noDirectory(place: string): Error {
  return Object.assign(new Error(`ENOTDIR: not a directory, open '${place}'`), { code: "ENOTDIR" });
}

/** Node's own recursive way never ends where the kernel says ENOENT of a directory that is there, as in /proc. */
export function makeDirectories(path: string, mode: number): void {
  try {
    makeUnlessThere(path, mode);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    makeDirectories(dirname(path), mode);
    makeUnlessThere(path, mode);
  }
  if (!statSync(path).isDirectory()) throw noDirectory(path);
}

function makeUnlessThere(place: string, mode: number): void {
  try {
    mkdirSync(place, { mode });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

/** The directory that holds the innermost `.pikaci`, and the names from there on; none outside of one. */
function splitPath(path: string): { readonly trusted: string; readonly below: readonly string[] } {
  const names = path.split("/").filter((name, at) => at === 0 || name !== "");
  const at = names.lastIndexOf(".pikaci");
  if (at < 0) return { trusted: path, below: [] };
  return {
    trusted: names.slice(0, at).join("/") || (path.startsWith("/") ? "/" : "."),
    below: names.slice(at),
  };
}

function hasDescriptors(): boolean {
  return process.platform === "linux" && existsSync(DESCRIPTORS);
}
