import type { Context } from "../../core/context.ts";
import { InfraError } from "../../core/errors.ts";
import type { HashedEntry, HashedSnapshot, Snapshot } from "../../core/snapshot.ts";
import { contentHashOf } from "../../system/blake3.ts";
import { isSettled, type Moment, unpackStat } from "../../system/file-stat.ts";
import { hashEntries } from "../hashing/hash-pool.ts";
import { warnOfMemory } from "../hashing/warn.ts";
import { manifestTotals } from "../manifest/manifest.ts";
import { readClock } from "../tree-clock.ts";
import type { KnownFiles } from "./known-files.ts";
import type { Recalled } from "./recall.ts";
import { writeRecord } from "./record.ts";

/**
 * Reads what has changed in a recalled tree and gives the whole of it, hashed. Null when that is more than new content: a file is
 * gone, or the guards found something in one. Throws SnapshotRefused as `hashEntries` does.
 */
export async function completeTree(
  snapshot: Snapshot,
  tree: Recalled,
  context: Context,
): Promise<HashedSnapshot | null> {
  const { root, files, changed } = tree;
  const isSame = changed.length === 0 && tree.directories === tree.record.directories;
  const moment = isSame ? null : readClock(context);
  const read = await hashEntries(root, changed, context);
  const fresh = read.filter((entry): entry is HashedEntry => entry !== null && entry.findings === undefined);
  if (fresh.length !== changed.length) return null;
  for (const entry of fresh) files.replace(entry);
  if (moment !== null && !(moment instanceof InfraError)) keepChanges(tree, fresh, moment, context);
  return assembleKnown(snapshot, files, fresh.length);
}

/** Remembers what was just read, and can be recognised by its stat, so that it is read once. */
function keepChanges(
  { root, record, directories, changed, source }: Recalled,
  fresh: readonly HashedEntry[],
  moment: Moment,
  context: Context,
): void {
  // Git was asked about the files as they were then.
  if (fresh.some(({ stat }, index) => stat !== changed[index]?.stat)) return;
  const replaced = new Set(fresh.map(({ path }) => path));
  const settled = fresh.filter(({ stat }) => isSettled(unpackStat(stat), moment));
  const others = record.changed.filter(({ path }) => !replaced.has(path));
  warnOfMemory(
    writeRecord(root, { ...record, directories, source, changed: [...others, ...settled] }, context),
    context,
  );
}

/** Its entries are made when they are asked for. */
function assembleKnown(snapshot: Snapshot, files: KnownFiles, filesRead: number): HashedSnapshot {
  const { view } = files;
  let made: readonly HashedEntry[] | null = null;
  const entries = () => {
    made ??= files.entries();
    return made;
  };
  const { workspace, source, leftOut, keepModes = false, allow = [] } = snapshot;
  return {
    snapshot: {
      workspace,
      source,
      leftOut,
      keepModes,
      allow,
      get entries() {
        return entries();
      },
    },
    get entries() {
      return entries();
    },
    contentHash: contentHashOf(view.bytes),
    manifest: view.bytes,
    ...manifestTotals(view.bytes),
    filesRead,
  };
}
