import { randomInt } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../core/context.ts";
import type { InfraError } from "../core/errors.ts";
import { attempt } from "../system/attempt.ts";
import { changedAt, listDirectory, makeDirectory, removeFile, writeOnce } from "../system/client-files.ts";
import type { Moment } from "../system/file-stat.ts";
import { inDirectory } from "../system/own-directory.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** The time by the clock of the workspace's own file system, or why nothing can be written there. */
export function readClock({ stateDir }: Pick<Context, "stateDir">): Moment | InfraError {
  return attempt(() => {
    makeDirectory(stateDir);
    writeOnce(join(stateDir, ".gitignore"), "*\n");
    return inDirectory(stateDir, (place) => writtenNow(join(place, `clock.${randomInt(2 ** 47)}`)));
  });
}

/** After this long, in milliseconds, a clock was left by a killed client. */
const STALE_MS = 3_600_000;

/** Removes clock files that killed clients left. InfraError("client"). */
export function sweepClocks({ stateDir, clock }: Pick<Context, "stateDir" | "clock">): void {
  const stale = clock().getTime() - STALE_MS;
  for (const path of listDirectory(stateDir).map((name) => join(stateDir, name)))
    if (/\/clock\.\d+$/.test(path) && (changedAt(path)?.getTime() ?? stale) < stale) removeFile(path);
}

function writtenNow(path: string): Moment {
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeSync(fd, "\n");
    const { dev, mtimeNs } = fstatSync(fd, { bigint: true });
    return { dev, ns: mtimeNs };
  } finally {
    closeSync(fd);
    rmSync(path, { force: true });
  }
}
