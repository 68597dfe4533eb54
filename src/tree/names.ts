import type { BytePath } from "../core/byte-path.ts";
import { blake3 } from "../system/blake3.ts";
import { children } from "./walk.ts";

/** The names directly in a directory. */
export interface Names {
  readonly directories: readonly string[];
  /** Sockets, FIFOs and devices. */
  readonly specials: readonly string[];
  /** Whether it has a `.git`, which may become a repository without a trace in the directory. */
  readonly hasGit: boolean;
  /** Of all names and what they are, 32 characters. */
  readonly digest: string;
}

/** A directory as it was looked at. */
export interface SeenDirectory {
  readonly path: BytePath;
  /** Packed. */
  readonly stat: string;
  /** `Names.digest`. */
  readonly names: string;
}

export const GIT = ".git";

/** None where there is no directory. Throws SnapshotRefused. */
export function readNames(root: string, directory: BytePath): Names {
  const all: string[] = [];
  const directories: string[] = [];
  const specials: string[] = [];
  for (const { path, kind } of children(root, directory)) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    all.push(`${name}/${kind}`);
    if (kind === "directory") directories.push(name);
    if (kind === "special") specials.push(name);
  }
  const hasGit = all.some((one) => one.startsWith(`${GIT}/`));
  const digest = blake3(Buffer.from(all.sort().join("\0"), "latin1")).toString("latin1");
  return { directories, specials, hasGit, digest };
}
