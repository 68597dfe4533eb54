import { type Dirent, readdirSync } from "node:fs";
import { type BytePath, bytePath, joinPaths } from "../core/byte-path.ts";
import { absolutePath, hasCode, unreadable } from "../system/files.ts";

interface Child {
  readonly path: BytePath;
  readonly kind: "directory" | "file" | "special";
}

/** The entries directly in a directory, symlinks as files; none when it has vanished. Throws SnapshotRefused. */
export function children(root: string, directory: BytePath): Child[] {
  return list(root, directory).map((dirent) => ({
    path: joinPaths(directory, bytePath(dirent.name)),
    kind: kindOf(dirent),
  }));
}

function list(root: string, directory: BytePath): Dirent<Buffer>[] {
  try {
    return readdirSync(absolutePath(root, directory), { withFileTypes: true, encoding: "buffer" });
  } catch (cause) {
    if (hasCode(cause, ["ENOENT", "ENOTDIR"])) return [];
    throw unreadable(directory, cause);
  }
}

function kindOf(dirent: Dirent<Buffer>): Child["kind"] {
  if (dirent.isDirectory()) return "directory";
  return dirent.isFile() || dirent.isSymbolicLink() ? "file" : "special";
}
