import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Makes a published snapshot what the first layout had: times of 1970, metadata that names no layout. */
export function makeOlder(remoteDir: string): void {
  writeLayout(remoteDir, null);
  execFileSync("find", [remoteDir, "-exec", "touch", "-h", "-d", "@1", "--", "{}", "+"]);
}

/** Lets a published snapshot's metadata name another layout, or none. */
export function writeLayout(remoteDir: string, version: number | null): void {
  const file = join(remoteDir, "pikaci-snapshot.json");
  const line = version === null ? "" : `  "layout_version": ${version},\n`;
  const text = readFileSync(file, "utf8");
  const changed = text.replace(/^ *"layout_version": \d+,\n/m, line);
  if (changed === text) throw new Error(`${file} names no layout: ${text}`);
  writeFileSync(file, changed);
}
