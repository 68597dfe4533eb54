import { displayPath } from "../../core/byte-path.ts";
import type { Memory } from "../../core/context.ts";
import { InfraError } from "../../core/errors.ts";
import type { ContentHash } from "../../core/ids.ts";
import { getManifest } from "./store.ts";

/**
 * The files and symlinks of a snapshot by their printable paths, to recognise those that a log names; null where this
 * machine does not remember the snapshot, or cannot read what it remembers.
 */
export function rememberedPaths(
  memory: Pick<Memory, "directory">,
  hash: ContentHash,
): ReadonlySet<string> | null {
  try {
    const entries = getManifest(memory, hash)?.filter(({ type }) => type !== "directory");
    return entries === undefined ? null : new Set(entries.map(({ path }) => displayPath(path)));
  } catch (error) {
    if (error instanceof InfraError) return null;
    throw error;
  }
}
