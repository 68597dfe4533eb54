import { execFileSync } from "node:child_process";
import { cpSync, lstatSync } from "node:fs";
import { join } from "node:path";

/** Copies a git work tree as it is now, without what git ignores and without its history; gives the number of files. */
export function copyTree(from: string, to: string): number {
  const listed = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const names = execFileSync("git", listed, { cwd: from, encoding: "utf8", maxBuffer: 1 << 26 });
  const paths = [...new Set(names.split("\0"))].filter((name) => name !== "" && isThere(join(from, name)));
  for (const path of paths) cpSync(join(from, path), join(to, path), { verbatimSymlinks: true });
  return paths.length;
}

/** What is deleted in the work tree is still listed. */
const isThere = (file: string) => lstatSync(file, { throwIfNoEntry: false }) !== undefined;
