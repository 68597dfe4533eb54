import { statSync } from "node:fs";
import type { SnapshotFilters } from "../../core/snapshot.ts";
import { blake3Hex } from "../../system/blake3.ts";
import type { Env } from "../../system/exec.ts";
import { findProgram } from "../../system/find-program.ts";
import { keptBelow } from "../kept.ts";

/** A digest of what a snapshot of `root` is asked for, and of who answers: another git may count other files. */
export function questionOf(root: string, filters: SnapshotFilters, env: Env): string {
  const { HOME = null, XDG_CONFIG_HOME = null, PATH = "" } = env;
  const [git = null] = findProgram("git", PATH);
  return blake3Hex(
    Buffer.from(
      JSON.stringify([filters, keptBelow(root, env), HOME, XDG_CONFIG_HOME, git, git && versionOf(git)]),
    ),
  );
}

function versionOf(program: string): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(program, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}
