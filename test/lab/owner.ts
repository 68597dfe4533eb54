import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "./command.ts";

const PREFIX = "pikaci-lab";

export interface OwnedDir {
  readonly path: string;
  /** Deletes the directory; resolves when it is gone. */
  release(): Promise<void>;
}

/** When a process started, in clock ticks since boot: with its id it names a process for good. */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** A fresh 0700 directory that is deleted when this process ends, also by kill -9. */
export function openOwnedDir(): OwnedDir {
  sweep();
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}-${process.pid}-${startTime(process.pid)}-`));
  // Its stdin is a pipe that only this process holds: end of file means that the owner is gone.
  const script = 'cat >/dev/null; while ! rm -rf "$1"; do sleep 0.2; done';
  const keeper = spawn("sh", ["-c", script, "keeper", path], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    cwd: "/",
    env: { PATH: process.env.PATH },
  });
  keeper.unref();
  return {
    path,
    release: async () => {
      keeper.stdin.end();
      await waitFor(`${path} deleted`, 20, () => existsSync(path) === false || undefined);
    },
  };
}

/** Deletes what keepers could not (they were killed too): directories whose owner is dead. */
export function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    if (isOrphan(name)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isOrphan(name: string): boolean {
  const match = /^pikaci-lab-(\d+)-(\d+)-\w+$/.exec(name);
  return match !== null && startTime(Number(match[1])) !== match[2];
}
