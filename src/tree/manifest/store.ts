import { join } from "node:path";
import type { Memory } from "../../core/context.ts";
import { MismatchError } from "../../core/errors.ts";
import { type ContentHash, orNull, parseContentHash } from "../../core/ids.ts";
import { contentHashOf } from "../../system/blake3.ts";
import {
  changedAt,
  listDirectory,
  makeDirectory,
  readBytes,
  removeFile,
  touch,
  writeBytes,
} from "../../system/client-files.ts";
import { type ManifestEntry, parseManifest } from "./manifest.ts";

/** How many manifests a workspace keeps; the least recently used are removed. */
const MANIFEST_LIMIT = 32;

/** After this long, in milliseconds, a file that is no manifest was left by a killed writer. */
const STALE_MS = 3_600_000;

/** The directory of the files `<content_hash>`, each a manifest's bytes. Null where nothing is remembered. */
function directoryOf({ directory }: Pick<Memory, "directory">): string | null {
  return directory === null ? null : join(directory, "manifests");
}

/** Remembers a manifest; InfraError("client") when it cannot be written. */
export function putManifest(
  memory: Pick<Memory, "directory">,
  hash: ContentHash,
  manifest: Uint8Array,
  now: Date,
): void {
  const directory = directoryOf(memory);
  if (directory === null) return;
  const path = join(directory, hash);
  makeDirectory(directory);
  if (changedAt(path) === null) {
    writeBytes(path, manifest);
    pruneManifests(memory, now);
  }
  touch(path, now);
}

/** The entries in byte order; null when unknown. A manifest that does not match its hash is removed. InfraError("client"). */
export function getManifest(
  memory: Pick<Memory, "directory">,
  hash: ContentHash,
): readonly ManifestEntry[] | null {
  const bytes = getManifestBytes(memory, hash);
  if (bytes === null) return null;
  try {
    return parseManifest(bytes);
  } catch (error) {
    if (!(error instanceof MismatchError)) throw error;
  }
  forget(memory, hash);
  return null;
}

/** The manifest's bytes; null when unknown or when they do not match the hash. InfraError("client"). */
export function getManifestBytes(memory: Pick<Memory, "directory">, hash: ContentHash): Buffer | null {
  const directory = directoryOf(memory);
  const bytes = directory === null ? null : readBytes(join(directory, hash));
  if (bytes === null || contentHashOf(bytes) === hash) return bytes;
  forget(memory, hash);
  return null;
}

function forget(memory: Pick<Memory, "directory">, hash: ContentHash): void {
  const directory = directoryOf(memory);
  if (directory !== null) removeFile(join(directory, hash));
}

/** The hashes of all remembered manifests, sorted; reads no manifest. InfraError("client"). */
export function knownManifests(memory: Pick<Memory, "directory">): ContentHash[] {
  const directory = directoryOf(memory);
  const names = directory === null ? [] : listDirectory(directory);
  return names.map((name) => orNull(parseContentHash, name)).filter((hash) => hash !== null);
}

/** Removes all but the `limit` most recently used manifests, and what killed writers left. InfraError("client"). */
export function pruneManifests(
  memory: Pick<Memory, "directory">,
  now: Date,
  limit: number = MANIFEST_LIMIT,
): void {
  const directory = directoryOf(memory);
  if (directory === null) return;
  const files = listDirectory(directory).map((name) => {
    const path = join(directory, name);
    return { path, known: orNull(parseContentHash, name) !== null, used: changedAt(path)?.getTime() ?? 0 };
  });
  const old = files.filter(({ known }) => known).sort((a, b) => b.used - a.used);
  const stale = files.filter(({ known, used }) => !known && used < now.getTime() - STALE_MS);
  for (const { path } of [...old.slice(limit), ...stale]) removeFile(path);
}
