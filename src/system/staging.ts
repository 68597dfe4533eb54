import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changedAt, listDirectory, makeDirectory, removeTree } from "./client-files.ts";

/** After this long, in milliseconds, a directory was left by a killed client. */
const STALE_MS = 86_400_000;
const PREFIX = "made-";

/**
 * A new empty directory in `parent`, for the caller to remove; what killed clients left there goes. Where this machine
 * remembers nothing (`parent` is null), it lies in the temporary directory. Node's errors.
 */
export function makeStaging(parent: string | null, now: Date): string {
  if (parent === null) return mkdtempSync(join(tmpdir(), "pikaci-made-"));
  makeDirectory(parent);
  for (const name of listDirectory(parent).filter((one) => one.startsWith(PREFIX))) {
    const changed = changedAt(join(parent, name));
    if (changed !== null && changed.getTime() + STALE_MS < now.getTime()) removeTree(join(parent, name));
  }
  return mkdtempSync(join(parent, PREFIX));
}
