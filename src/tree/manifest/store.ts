import { join } from "node:path";
import { MismatchError, PikaciError } from "../../core/errors.ts";
import { type ContentHash, parseContentHash } from "../../core/ids.ts";
import { contentHashOf } from "../../system/blake3.ts";
import {
  changedAt,
  listDirectory,
  makeDirectory,
  readBytes,
  removeFile,
  touch,
  writeBytes,
  writeOnce,
} from "../../system/client-files.ts";
import { type ManifestEntry, parseManifest } from "./manifest.ts";

/** Manifests that a workspace remembers; the least recently used ones go first. */
export const MANIFEST_LIMIT = 32;

/** After this long, in milliseconds, a file that is no manifest was left by a killed writer. */
const STALE_MS = 3_600_000;

/** `.pikaci/cache/manifests/<content_hash>`: the manifest's bytes as they are. Nothing else depends on it. */
function directoryOf(stateDir: string): string {
  return join(stateDir, "cache", "manifests");
}

/** Remembers a manifest; InfraError("client") when it cannot be written. */
export function putManifest(stateDir: string, hash: ContentHash, manifest: Uint8Array, now: Date): void {
  const directory = directoryOf(stateDir);
  const path = join(directory, hash);
  makeDirectory(directory);
  if (changedAt(path) === null) {
    writeOnce(join(stateDir, ".gitignore"), "*\n");
    writeBytes(path, manifest);
    pruneManifests(stateDir, now);
  }
  touch(path, now);
}

/** The entries in byte order; null when unknown. One that is not what its name says is forgotten. InfraError("client"). */
export function getManifest(stateDir: string, hash: ContentHash): readonly ManifestEntry[] | null {
  const bytes = getManifestBytes(stateDir, hash);
  if (bytes === null) return null;
  try {
    return parseManifest(bytes);
  } catch (error) {
    if (!(error instanceof MismatchError)) throw error;
  }
  removeFile(join(directoryOf(stateDir), hash));
  return null;
}

/** As it was remembered; null when unknown or not what its name says. InfraError("client"). */
export function getManifestBytes(stateDir: string, hash: ContentHash): Buffer | null {
  const path = join(directoryOf(stateDir), hash);
  const bytes = readBytes(path);
  if (bytes === null || contentHashOf(bytes) === hash) return bytes;
  removeFile(path);
  return null;
}

/** What is remembered, in byte order; reads no manifest. InfraError("client"). */
export function knownManifests(stateDir: string): ContentHash[] {
  return listDirectory(directoryOf(stateDir))
    .map(hashOrNull)
    .filter((hash) => hash !== null);
}

/** Forgets all but the `limit` most recently used manifests, and what killed writers left. InfraError("client"). */
export function pruneManifests(stateDir: string, now: Date, limit: number = MANIFEST_LIMIT): void {
  const directory = directoryOf(stateDir);
  const files = listDirectory(directory).map((name) => {
    const path = join(directory, name);
    return { path, known: hashOrNull(name) !== null, used: changedAt(path)?.getTime() ?? 0 };
  });
  const old = files.filter(({ known }) => known).sort((a, b) => b.used - a.used);
  const stale = files.filter(({ known, used }) => !known && used < now.getTime() - STALE_MS);
  for (const { path } of [...old.slice(limit), ...stale]) removeFile(path);
}

function hashOrNull(name: string): ContentHash | null {
  try {
    return parseContentHash(name);
  } catch (error) {
    if (error instanceof PikaciError) return null;
    throw error;
  }
}
