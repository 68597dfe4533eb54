import { randomInt } from "node:crypto";
import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import type { Memory } from "../../core/context.ts";
import { codeOf } from "../../system/error-code.ts";
import { type Database, isSqliteError, openSqlite } from "../../system/sqlite.ts";
import { makeTables, setUp, unusable } from "./schema.ts";

/**
 * `history.sqlite` in what this account remembers of the workspace: a cache of the run records. The file is only ever replaced as
 * a whole, by a rename. Each client works on a copy of its own, which has no name any more once it is open: nobody waits for
 * a lock, nobody can leave one, and of two clients that write, the later one's file stays.
 */
const NAME = "history.sqlite";

/** A copy's name until it is open, with what the package may put beside it. */
const PRIVATE = /^history\.sqlite\.\d+(\..*)?$/;

/** Leftovers of killed clients are removed when they are so old: a copy has its name for a moment. */
const STALE_MS = 3_600_000;

interface Opened {
  readonly database: Database;
  /** Why what was there is not used, or nothing will be kept; null when all is well. */
  readonly warning: string | null;
}

/** Opens this client's copy; an empty one where there is none that can be used. Throws only when SQLite cannot be loaded. */
export async function openCopy({ directory }: Memory, now: Date): Promise<Opened> {
  if (directory === null) return { database: await inMemory(), warning: null };
  const path = privatePath(directory);
  try {
    sweep(directory, now);
    const copied = await copyOf(join(directory, NAME), path);
    if (copied !== null) return copied;
    return { database: await unnamed(path, emptyIn), warning: null };
  } catch (error) {
    if (codeOf(error) === null && !isSqliteError(error)) throw error;
    return { database: await inMemory(), warning: notKept(error) };
  }
}

/** An empty database of which no file will be kept. */
export function inMemory(): Promise<Database> {
  return emptyIn(":memory:");
}

/** Replaces the shared file by what a copy holds. A warning when that is not possible; the run records have it all. */
export function publish(database: Database, { directory }: Memory): string | null {
  if (directory === null) return null;
  const path = privatePath(directory);
  try {
    database.run("VACUUM INTO ?", [path]);
    syncFile(path);
    renameSync(path, join(directory, NAME));
    return null;
  } catch (error) {
    if (codeOf(error) === null && !isSqliteError(error)) throw error;
    removeQuietly(path);
    return notKept(error);
  }
}

/** What is said of an error that costs the file alone. */
export function notKept(error: unknown): string {
  const why = codeOf(error) ?? (error instanceof Error ? error.message : String(error));
  return `the history is read from the records, and cannot be kept: ${why}`;
}

/** Null when there is no shared file. */
async function copyOf(shared: string, path: string): Promise<Opened | null> {
  try {
    copyFileSync(shared, path, constants.COPYFILE_FICLONE);
  } catch (error) {
    removeQuietly(path);
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
  return unnamed(path, openOrReplace);
}

/** Calls `open`, and takes the file's name away whatever happens: what is open stays until it is closed. */
async function unnamed<T>(path: string, open: (path: string) => Promise<T>): Promise<T> {
  try {
    return await open(path);
  } finally {
    removeQuietly(path);
  }
}

async function openOrReplace(path: string): Promise<Opened> {
  const database = await openSqlite(path);
  const why = reasonAgainst(database);
  if (why === null) {
    setUp(database);
    return { database, warning: null };
  }
  database.close();
  removeQuietly(path);
  return {
    database: await emptyIn(path),
    warning: `the history is read again from the records: of ${NAME}, ${why}`,
  };
}

function reasonAgainst(database: Database): string | null {
  try {
    return unusable(database);
  } catch (error) {
    if (isSqliteError(error)) return error.message;
    throw error;
  }
}

async function emptyIn(path: string): Promise<Database> {
  const database = await openSqlite(path);
  setUp(database);
  makeTables(database);
  return database;
}

function privatePath(directory: string): string {
  return join(directory, `${NAME}.${randomInt(2 ** 47)}`);
}

function sweep(directory: string, now: Date): void {
  for (const name of readdirSync(directory).filter((one) => PRIVATE.test(one))) {
    const path = join(directory, name);
    const changed = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (changed !== undefined && now.getTime() - changed > STALE_MS) removeQuietly(path);
  }
}

/** Whatever it is; what cannot be removed stays, and is seen by nobody. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (codeOf(error) === null) throw error;
  }
}

function syncFile(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
