import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What a tree takes of its disk, in bytes; no link is followed. */
export function treeBytes(directory: string): number {
  const stat = lstatSync(directory, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.blocks * 512;
  return readdirSync(directory).reduce((sum, name) => sum + treeBytes(join(directory, name)), 0);
}
