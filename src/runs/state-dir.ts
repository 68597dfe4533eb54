import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { PikaciError, SnapshotRefused } from "../core/errors.ts";
import { parseRunId } from "../core/ids.ts";
import { listDirectory } from "../system/client-files.ts";
import { trackedFiles } from "../system/git.ts";

declare const opened: unique symbol;

/** The path of a `.pikaci` that was checked; only `openStateDir` returns one. */
export type StateDir = string & { readonly [opened]: true };

const NAME = ".pikaci";

/**
 * Checks the workspace's `.pikaci`, which need not exist. The tree may be a stranger's, so SnapshotRefused when git tracks
 * something in it, when another account owns it, or when it, or a directory that pikaci makes below it, is not a directory
 * (a symlink, say). The contents of `artifacts/` are not checked.
 */
export async function openStateDir(
  workspace: string,
  context: Pick<Context, "env" | "signal">,
): Promise<StateDir> {
  const stateDir = join(workspace, NAME);
  const tracked = await trackedFiles(workspace, NAME, context);
  const refused = trackedRefused(tracked) ?? ownerRefused(stateDir) ?? directoryRefused(stateDir);
  if (refused !== null) throw refused;
  return stateDir as StateDir;
}

function trackedRefused([first]: readonly string[]): SnapshotRefused | null {
  if (first === undefined) return null;
  const directory = first.split("/", 1)[0] ?? NAME;
  return new SnapshotRefused(
    `git tracks ${JSON.stringify(first)}: what pikaci remembers must not come with the tree`,
    { hint: `take it out of the repository, \`git rm -r ${directory}\`, and run the command again` },
  );
}

function ownerRefused(stateDir: string): SnapshotRefused | null {
  const owner = lstatSync(stateDir, { throwIfNoEntry: false })?.uid;
  const self = process.getuid?.();
  if (owner === undefined || self === undefined || owner === self) return null;
  return new SnapshotRefused(`${stateDir} belongs to another account (${owner}; this one is ${self})`, {
    hint: "run pikaci as that account, or move the directory away",
  });
}

function directoryRefused(stateDir: string): SnapshotRefused | null {
  for (const path of ownDirectories(stateDir)) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.isDirectory()) continue;
    const what = stat.isSymbolicLink() ? "a symlink" : "no directory";
    return new SnapshotRefused(`${path} is ${what}, where pikaci keeps a directory of its own`, {
      hint: `look at where it came from, then remove it: \`rm ${path}\``,
    });
  }
  return null;
}

/** A directory comes before what lies in it, which is looked at only when it is one. */
function* ownDirectories(stateDir: string): Generator<string> {
  yield stateDir;
  const runs = join(stateDir, "runs");
  yield runs;
  for (const run of listDirectory(runs).filter(isRunId)) {
    yield join(runs, run);
    const jobs = join(runs, run, "jobs");
    yield jobs;
    for (const job of listDirectory(jobs)) {
      yield join(jobs, job);
      yield join(jobs, job, "artifacts");
    }
  }
}

function isRunId(name: string): boolean {
  try {
    return parseRunId(name) === name;
  } catch (error) {
    if (error instanceof PikaciError) return false;
    throw error;
  }
}
