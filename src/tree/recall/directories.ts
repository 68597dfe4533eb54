import type { BytePath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { InfraError, SnapshotRefused } from "../../core/errors.ts";
import { isSettled, type Moment, unpackStat } from "../../system/file-stat.ts";
import { type Inspected, inspect } from "../../system/files.ts";
import { readNames, type SeenDirectory } from "../names.ts";
import { readClock } from "../tree-clock.ts";

/** The most directories whose names are read again; beyond it, the long way is as quick. */
const LIMIT = 100;

/**
 * The directories as they are now, where each still has the same names in it: many editors put a new file in the place of the
 * one that they save. Null where one has others, or is gone.
 */
export function sameDirectories(
  root: string,
  directories: readonly SeenDirectory[],
  context: Context,
): readonly SeenDirectory[] | null {
  const changed = directories.filter(({ path, stat }) => lookAt(root, path)?.stat !== stat);
  if (changed.length === 0) return directories;
  if (changed.length > LIMIT) return null;
  const moment = readClock(context);
  const again = changed.map((one) => readAgain(root, one, moment));
  if (again.some((one) => one === null)) return null;
  const byPath = new Map(again.flatMap((one) => (one === null ? [] : [[one.path, one] as const])));
  return directories.map((one) => byPath.get(one.path) ?? one);
}

/** With the new stat if every later change will change it; else with the old one, so that the next look reads it again. */
function readAgain(root: string, before: SeenDirectory, moment: Moment | InfraError): SeenDirectory | null {
  const { path, names } = before;
  const now = lookAt(root, path);
  if (now?.type !== "directory" || namesNow(root, path) !== names) return null;
  const isTold = !(moment instanceof InfraError) && isSettled(unpackStat(now.stat), moment);
  return isTold ? { path, stat: now.stat, names } : before;
}

function namesNow(root: string, path: BytePath): string | null {
  return orNull(() => readNames(root, path).digest);
}

/** What is there; null also where it cannot be looked at. */
export function lookAt(root: string, path: BytePath): Inspected | null {
  return orNull(() => inspect(root, path));
}

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof SnapshotRefused) return null;
    throw error;
  }
}
