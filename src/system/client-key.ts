import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { InfraError, UsageError } from "../core/errors.ts";
import { syncToDisk } from "./client-files.ts";
import { codeOf } from "./error-code.ts";
import type { Env } from "./exec.ts";
import { makePrivate, ownPlace } from "./own-place.ts";

/** Names the key where a machine is new each time, as in CI. */
export const KEY_VARIABLE = "PIKACI_VERDICT_KEY";
const SHORTEST = 32;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * This account's key, by which it knows verdicts and records as its own: from `PIKACI_VERDICT_KEY`, else from
 * `${XDG_STATE_HOME:-~/.local/state}/pikaci-client/verdict-key`, made by the first who asks. Where none can be kept, one
 * for this process alone, and a warning. UsageError, InfraError when the key is not this account's secret.
 */
export function openKey(env: Env): { readonly key: Buffer; readonly warning: InfraError | null } {
  const given = env[KEY_VARIABLE] ?? "";
  if (given !== "") return { key: givenKey(given), warning: null };
  let directory: string;
  try {
    directory = keyDirectory(env);
    makePrivate(directory);
    if (!isThere(directory)) makeKey(directory);
  } catch (cause) {
    return { key: randomBytes(32), warning: noPlace(cause) };
  }
  return { key: readKey(join(directory, "verdict-key")), warning: null };
}

/** Where this account's key lies. InfraError when this account has no home. */
export function keyDirectory(env: Env): string {
  return join(ownPlace(env, "XDG_STATE_HOME", ".local/state"), "pikaci-client");
}

function givenKey(text: string): Buffer {
  if (text.length >= SHORTEST) return Buffer.from(text);
  throw new UsageError(`${KEY_VARIABLE} is shorter than ${SHORTEST} characters`, {
    hint: "`openssl rand -hex 32` makes one that cannot be guessed",
  });
}

function noPlace(cause: unknown): InfraError {
  const why = cause instanceof InfraError ? cause.message : codeOf(cause);
  if (why === null) throw cause;
  return new InfraError(
    "client",
    `later, nothing will tell this run's records from a stranger's: no key is kept (${why})`,
    {
      hint: `set XDG_STATE_HOME to a directory of this account, or ${KEY_VARIABLE} to a secret`,
      cause,
    },
  );
}

function isThere(directory: string): boolean {
  try {
    closeSync(openSync(join(directory, "verdict-key"), O_RDONLY | O_NOFOLLOW));
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    return true;
  }
}

/** Of several at once, the first one's stays: a link is never made over another. */
function makeKey(directory: string): void {
  const temporary = join(directory, `verdict-key.${randomBytes(8).toString("hex")}`);
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeSync(fd, `${randomBytes(32).toString("hex")}\n`);
    fsyncSync(fd);
    linkSync(temporary, join(directory, "verdict-key"));
    syncToDisk([], [directory]);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    closeSync(fd);
    rmSync(temporary, { force: true });
  }
}

function readKey(path: string): Buffer {
  const text = readSecret(path);
  if (/^[0-9a-f]{64}\n$/.test(text)) return Buffer.from(text.trim(), "hex");
  throw unusable(path, "is not a key");
}

function readSecret(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    throw unusable(path, `cannot be read: ${codeOf(error) ?? String(error)}`);
  }
  try {
    const stat = fstatSync(fd);
    const self = process.getuid?.() ?? stat.uid;
    if (!stat.isFile() || stat.uid !== self || (stat.mode & 0o077) !== 0)
      throw unusable(path, "is not a file that only this account can read");
    const buffer = Buffer.alloc(128);
    return buffer.toString("latin1", 0, readSync(fd, buffer));
  } finally {
    closeSync(fd);
  }
}

function unusable(path: string, what: string): InfraError {
  return new InfraError("client", `the key ${path} ${what}`, {
    hint: "remove it: pikaci makes another, and no longer uses what was remembered with this one",
  });
}
