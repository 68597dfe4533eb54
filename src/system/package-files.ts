import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A file or directory of this package by its path there, seen from its sources as well as from its bundle. */
export function packageFile(path: string): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); dir !== dirname(dir); dir = dirname(dir)) {
    if (existsSync(join(dir, "package.json"))) return join(dir, path);
  }
  throw new Error("this installation of pikaci lacks its package.json");
}
