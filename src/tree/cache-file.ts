import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import { attempt } from "../system/attempt.ts";
import { blake3, blake3Hex, DIGEST_SIZE } from "../system/blake3.ts";
import { changedAt, listDirectory, readBytes, removeFile, writeBytes } from "../system/client-files.ts";

/** Identifies a cache file: its kind, including its format, and the path that it is about. */
export interface CacheKey {
  /** Starts with a word that names the file. Change the rest to invalidate older files. */
  readonly kind: string;
  readonly path: string;
}

/** How many files of one kind a workspace keeps; those written longest ago are removed. */
const LIMIT = 32;

/** After this long, in milliseconds, a temporary file was left by a killed writer. */
const STALE_MS = 3_600_000;

/** What was remembered; null when nothing was, or what is there is of another kind or path, cut off or damaged. */
export function readCache(key: CacheKey, context: Pick<Context, "memory">): Buffer | null {
  return readSealed(key, context)?.body ?? null;
}

interface Sealed {
  readonly body: Buffer;
  /** The file's own BLAKE3: equal for the same body of the same key only. */
  readonly digest: Buffer;
}

/** As `readCache`, with the digest that other files name this one by. */
export function readSealed(key: CacheKey, { memory }: Pick<Context, "memory">): Sealed | null {
  const { directory } = memory;
  if (directory === null) return null;
  const bytes = attempt(() => readBytes(join(directory, fileName(key))));
  const head = headOf(key);
  if (bytes === null || bytes instanceof InfraError || bytes.length < head.length + DIGEST_SIZE) return null;
  const end = bytes.length - DIGEST_SIZE;
  if (!bytes.subarray(0, head.length).equals(head)) return null;
  const digest = bytes.subarray(end);
  return blake3(bytes.subarray(0, end)).equals(digest)
    ? { body: bytes.subarray(head.length, end), digest }
    : null;
}

/** Stores the parts as one body, completely or not at all. Returns null, or why it failed; never throws. */
export function writeCache(
  key: CacheKey,
  parts: readonly Uint8Array[],
  { memory, clock }: Pick<Context, "memory" | "clock">,
): InfraError | null {
  const { directory } = memory;
  if (directory === null) return null;
  return attempt(() => {
    const body = Buffer.concat([headOf(key), ...parts]);
    writeBytes(join(directory, fileName(key)), Buffer.concat([body, blake3(body)]));
    prune(directory, key, clock());
    return null;
  });
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
