import { chmodSync, mkdirSync, readlinkSync, symlinkSync } from "node:fs";
import { displayPath } from "../core/byte-path.ts";
import { InfraError, TreeChanged } from "../core/errors.ts";
import type { SnapshotEntry } from "../core/snapshot.ts";
import { copyFile } from "../system/copy-file.ts";
import { codeOf } from "../system/error-code.ts";

/** Copies a snapshot's files into an existing directory. TreeChanged when one is gone; InfraError("client"). */
export function copyTree(workspace: string, entries: readonly SnapshotEntry[], directory: string): void {
  const made = new Set<string>();
  for (const entry of entries) {
    try {
      makeParents(directory, entry.path, made);
      copyEntry(within(workspace, entry.path), within(directory, entry.path), entry);
    } catch (cause) {
      throw copyError(entry, cause);
    }
  }
}

function copyEntry(from: Buffer, to: Buffer, { type }: SnapshotEntry): void {
  switch (type) {
    case "directory":
      mkdirSync(to, { recursive: true });
      return;
    case "symlink":
      symlinkSync(readlinkSync(from, "buffer"), to);
      return;
    case "file":
    case "executable":
      copyFile(from, to);
      chmodSync(to, type === "executable" ? 0o755 : 0o644);
  }
}

function makeParents(directory: string, path: string, made: Set<string>): void {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  if (made.has(parent)) return;
  mkdirSync(within(directory, parent), { recursive: true });
  made.add(parent);
}

/** The path below a root, as bytes; `latin1` has one character per byte. */
function within(root: string, latin1: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(latin1, "latin1")]);
}

function copyError({ path }: SnapshotEntry, cause: unknown): Error {
  const code = codeOf(cause);
  if (code === null) throw cause;
  if (code === "ENOENT")
    return new TreeChanged(`${displayPath(path)} was removed while it was copied`, {
      hint: "run the command again once nothing writes there",
      cause,
    });
  return new InfraError("client", `cannot copy ${displayPath(path)}: ${code}`, {
    hint: "make room on this machine's disk, and run the command again",
    cause,
  });
}
