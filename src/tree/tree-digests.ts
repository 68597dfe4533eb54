import { type BytePath, ROOT } from "../core/byte-path.ts";
import { blake3Hex, createHasher } from "../system/blake3.ts";
import { CHUNK_SIZE, inspect, openFile, readLink } from "../system/files.ts";
import { children } from "./walk.ts";

/** By path, of everything below a directory: its type and the BLAKE3 of a file's content or of a link's target. */
type TreeDigests = Readonly<Record<string, string>>;

/** Follows no link. SnapshotRefused for what cannot be read, or is no file, link or directory. */
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

/** Whether both hold the same. */
export function sameDigests(one: TreeDigests, other: TreeDigests): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
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
