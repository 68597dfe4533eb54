import { type BytePath, ROOT, toPath } from "../core/byte-path.ts";
import { blake3Hex, createHasher } from "../system/blake3.ts";
import { CHUNK_SIZE, inspect, openFile, readLink } from "../system/files.ts";
import { children } from "./walk.ts";

/** By path, of everything below a directory: its type and the BLAKE3 of a file's content or of a link's target. */
export type TreeDigests = Readonly<Record<string, string>>;

/** Follows no symlinks. SnapshotRefused for what cannot be read, or is not a file, symlink or directory. */
export function treeDigests(root: string): TreeDigests {
  const found: [string, string][] = [];
  const buffer = Buffer.allocUnsafe(CHUNK_SIZE);
  const visit = (directory: BytePath): void => {
    for (const { path } of children(root, directory)) {
      const type = inspect(root, path)?.type ?? "missing";
      found.push([path, `${type} ${digestOf(root, path, type, buffer)}`]);
      if (type === "directory") visit(path);
    }
  };
  visit(ROOT);
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A path below a directory that does not match its digest. */
interface Difference {
  readonly path: BytePath;
  readonly what: "was changed" | "is gone" | "was added";
}

/** The paths that differ, in byte order. */
export function digestDifferences(now: TreeDigests, before: TreeDigests): Difference[] {
  const [nows, olds] = [new Map(Object.entries(now)), new Map(Object.entries(before))];
  return [...new Set([...olds.keys(), ...nows.keys()])]
    .sort()
    .filter((path) => nows.get(path) !== olds.get(path))
    .map((path) => ({ path: toPath(path), what: whatBecame(nows.get(path), olds.get(path)) }));
}

function whatBecame(now: string | undefined, before: string | undefined): Difference["what"] {
  if (before === undefined) return "was added";
  return now === undefined ? "is gone" : "was changed";
}

function digestOf(root: string, path: BytePath, type: string, buffer: Buffer): string {
  if (type === "symlink") return blake3Hex(readLink(root, path));
  return type === "file" || type === "executable" ? digestFile(root, path, buffer) : "";
}

function digestFile(root: string, path: BytePath, buffer: Buffer): string {
  const hasher = createHasher();
  const file = openFile(root, path);
  try {
    for (let size = file.read(buffer); size > 0; size = file.read(buffer))
      hasher.update(buffer.subarray(0, size));
    return hasher.digest("hex");
  } finally {
    file.close();
  }
}
