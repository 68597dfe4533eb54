import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import { blake3, blake3Hex, DIGEST_SIZE } from "../system/blake3.ts";
import {
  changedAt,
  codeOf,
  listDirectory,
  makeDirectory,
  readBytes,
  removeFile,
  writeBytes,
  writeOnce,
} from "../system/client-files.ts";
import type { Moment } from "../system/file-stat.ts";

/** One remembered thing: what it is, its format included, and the path that it is about. */
export interface CacheKey {
  /** Starts with a word that names the file; a change of what follows throws older files away. */
  readonly kind: string;
  readonly path: string;
}

/** Files of one kind that a workspace keeps; those written longest ago go first. */
const LIMIT = 32;

/** After this long, in milliseconds, a temporary file was left by a killed writer. */
const STALE_MS = 3_600_000;

/** What was remembered; null when nothing was, or what is there is of another kind or path, cut off or damaged. */
export function readCache(key: CacheKey, { stateDir }: Context): Buffer | null {
  const bytes = attempt(() => readBytes(join(cacheDirectory(stateDir), fileName(key))));
  const head = headOf(key);
  if (bytes === null || bytes instanceof InfraError || bytes.length < head.length + DIGEST_SIZE) return null;
  const end = bytes.length - DIGEST_SIZE;
  if (!bytes.subarray(0, head.length).equals(head)) return null;
  return blake3(bytes.subarray(0, end)).equals(bytes.subarray(end)) ? bytes.subarray(head.length, end) : null;
}

/** Remembers the parts as one body, whole or not at all. Null when done, else why not: never a failure. */
export function writeCache(
  key: CacheKey,
  parts: readonly Uint8Array[],
  { stateDir, clock }: Context,
): InfraError | null {
  return attempt(() => {
    const directory = prepareDirectory(stateDir);
    const body = Buffer.concat([headOf(key), ...parts]);
    writeBytes(join(directory, fileName(key)), Buffer.concat([body, blake3(body)]));
    prune(directory, key, clock());
    return null;
  });
}

/** The time by the clock of the file system that the state directory lies on, or why nothing can be written there. */
export function readClock({ stateDir }: Context): Moment | InfraError {
  return attempt(() => writtenNow(join(prepareDirectory(stateDir), "clock")));
}

function writtenNow(path: string): Moment {
  const fd = openSync(path, "w");
  try {
    writeSync(fd, "\n");
    const { dev, mtimeNs } = fstatSync(fd, { bigint: true });
    return { dev, ns: mtimeNs };
  } finally {
    closeSync(fd);
  }
}

function cacheDirectory(stateDir: string): string {
  return join(stateDir, "cache");
}

function prepareDirectory(stateDir: string): string {
  const directory = cacheDirectory(stateDir);
  makeDirectory(directory);
  writeOnce(join(stateDir, ".gitignore"), "*\n");
  return directory;
}

function headOf({ kind, path }: CacheKey): Buffer {
  return Buffer.from(`pikaci-cache/1 ${kind}\n${path}\0`);
}

function fileName({ kind, path }: CacheKey): string {
  return `${kind.split(" ")[0]}-${blake3Hex(Buffer.from(path)).slice(0, 32)}`;
}

function prune(directory: string, key: CacheKey, now: Date): void {
  const prefix = fileName(key).slice(0, -32);
  const files = listDirectory(directory)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(directory, name))
    .map((path) => ({ path, temporary: /\.\d+$/.test(path), age: ageOf(path, now) }))
    .sort((a, b) => a.age - b.age);
  const whole = files.filter(({ temporary }) => !temporary);
  const stale = files.filter(({ temporary, age }) => temporary && age > STALE_MS);
  for (const { path } of [...whole.slice(LIMIT), ...stale]) removeFile(path);
}

function ageOf(path: string, now: Date): number {
  return now.getTime() - (changedAt(path)?.getTime() ?? now.getTime());
}

/** Does what can be done without; gives what this machine's disk refused. */
function attempt<T>(action: () => T): T | InfraError {
  try {
    return action();
  } catch (error) {
    if (error instanceof InfraError) return error;
    const code = codeOf(error);
    if (code === null) throw error;
    return new InfraError("client", `cannot write the cache: ${code}`, { cause: error });
  }
}
