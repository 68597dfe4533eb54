import { accessSync, constants, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { InfraError } from "../../core/errors.ts";
import type { Env } from "../../system/exec.ts";
import { hasCode } from "../../system/files.ts";

const PREFIX = "pikaci-ssh-";
/** ssh makes a temporary name of 17 more characters beside the socket; macOS allows 104 in all. */
const BASE_LIMIT = 50;

/** The first directory that ssh can use for sockets: short, without white space or `%`, writable. */
export function socketBase(env: Env): string {
  const base = [env["XDG_RUNTIME_DIR"], env["TMPDIR"], "/tmp"].find(
    (dir) => dir !== undefined && /^\/[\w./-]+$/.test(dir) && dir.length <= BASE_LIMIT && isWritable(dir),
  );
  if (base !== undefined) return base;
  throw new InfraError(
    "client",
    "no directory for ssh's socket: neither XDG_RUNTIME_DIR nor TMPDIR nor /tmp will do",
    {
      hint: `set TMPDIR to a writable directory with a plain name of at most ${BASE_LIMIT} characters`,
    },
  );
}

/** A fresh directory of mode 0700 that names this process as its owner. */
export function makeSocketDir(base: string): string {
  return mkdtempSync(join(base, `${PREFIX}${process.pid}-`));
}

/**
 * Removes socket directories of dead processes. A process of another container looks dead too, so a directory
 * whose socket answers, or that is younger than a minute, stays.
 */
export async function sweepSocketDirs(base: string, now: Date): Promise<void> {
  const names = readdirSync(base).filter((name) => name.startsWith(PREFIX) && ownerIsDead(name));
  for (const dir of names.map((name) => join(base, name))) {
    if (isOld(dir, now) && !(await answers(join(dir, "c")))) rmSync(dir, { recursive: true, force: true });
  }
}

function ownerIsDead(name: string): boolean {
  const pid = Number(/^\d+/.exec(name.slice(PREFIX.length))?.[0]);
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return hasCode(error, ["ESRCH"]);
  }
}

function isOld(dir: string, now: Date): boolean {
  const stats = statSync(dir, { throwIfNoEntry: false });
  return stats !== undefined && stats.uid === process.getuid?.() && now.getTime() - stats.mtimeMs > 60_000;
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(socket);
    const settle = (result: boolean) => {
      client.destroy();
      resolve(result);
    };
    client.on("connect", () => settle(true)).on("error", () => settle(false));
  });
}

function isWritable(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
