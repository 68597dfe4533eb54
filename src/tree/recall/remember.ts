import { lstatSync } from "node:fs";
import { join, resolve } from "node:path";
import { type BytePath, pathBytes } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { InfraError } from "../../core/errors.ts";
import type { HashedSnapshot, SnapshotFilters } from "../../core/snapshot.ts";
import { attempt } from "../../system/attempt.ts";
import { readBytes } from "../../system/client-files.ts";
import {
  type FileStat,
  isSettled,
  isSettledBySecond,
  type Moment,
  unpackStat,
} from "../../system/file-stat.ts";
import type { WorkTree } from "../../system/git.ts";
import { readKnownTree } from "../hashing/stat-cache.ts";
import { warnOfMemory } from "../hashing/warn.ts";
import type { Found } from "../looking/look.ts";
import { isWatchable, parseState, watchedStat } from "./circumstances.ts";
import { ownRepository, writeOwnIndex } from "./compare.ts";
import type { Evidence } from "./evidence.ts";
import { areNameable, mixedDirectories, withoutSlash, witnessIn } from "./ignored.ts";
import { isPlainIndex } from "./plain-index.ts";
import type { IndexFile, IndexStat } from "./private-index.ts";
import { questionOf } from "./question.ts";
import { type TreeRecord, writeRecord } from "./record.ts";
import { isRuleFile } from "./rule-file.ts";

/** Stores what `recall` needs; nothing where a change could pass unseen. A failure is a warning. */
export async function remember(
  hashed: HashedSnapshot,
  evidence: Evidence,
  filters: SnapshotFilters,
  context: Context,
): Promise<void> {
  const { tree, circumstances } = evidence;
  const { moment } = circumstances;
  const directory = ownRepository(tree.directory, context);
  if (directory === null || moment instanceof InfraError || !isStill(hashed, evidence, moment)) return;
  const base = readKnownTree(tree.directory, context);
  if (base === null || !base.manifest.equals(hashed.manifest)) return;
  const hidden = await hiddenRules(evidence, moment, context);
  if (hidden === null) return;
  const failure = attempt(() => {
    const { uid, gid } = lstatSync(tree.directory);
    const files = evidence.found.flatMap((file) => indexFile(file, moment));
    const index = writeOwnIndex(directory, files, { uid, gid }, context);
    const { snapshot } = hashed;
    const record: TreeRecord = {
      question: questionOf(tree.directory, filters, context.env),
      config: circumstances.config,
      state: circumstances.state,
      settings: tree.settings,
      directories: evidence.directories,
      ...hidden,
      leftOut: snapshot.leftOut,
      source: snapshot.source,
      untracked: evidence.untracked,
      base: base.digest.toString("hex"),
      index,
      changed: [],
    };
    return writeRecord(tree.directory, record, context);
  });
  warnOfMemory(failure, context);
}

/** Whether nothing that was looked at can have changed without a trace since before git was asked. */
function isStill(
  { snapshot }: HashedSnapshot,
  { tree, circumstances, directories }: Evidence,
  moment: Moment,
): boolean {
  const state = parseState(circumstances.state);
  const { git_head, git_branch } = snapshot.source;
  if (state === null || state.head !== git_head || state.branch !== git_branch) return false;
  return (
    tree.fileMode &&
    tree.symlinks &&
    circumstances.watched.every(([, stat]) => isWatchable(stat, moment)) &&
    directories.every(({ stat }) => isSettled(unpackStat(stat), moment))
  );
}

type Hidden = Pick<TreeRecord, "watched" | "mixed" | "witnesses">;

/** What else decides and does not show in the stats of directories; null where that cannot be remembered. */
async function hiddenRules(
  { tree, circumstances, ignored }: Evidence,
  moment: Moment,
  context: Context,
): Promise<Hidden | null> {
  const index = readBytes(resolve(tree.directory, parseState(circumstances.state)?.index ?? ""));
  if (index === null || !isPlainIndex(index)) return null;
  const rules = ignored.filter((path) => isRuleFile(path)).map((path) => ruleFile(tree, path));
  if (!rules.every(([, stat]) => isWatchable(stat, moment))) return null;
  const directories = ignored.filter((path) => path.endsWith("/"));
  const mixed = await mixedDirectories(tree, directories, context);
  if (mixed === null || !areNameable(mixed)) return null;
  const others = directories.filter((path) => path !== STATE).map(withoutSlash);
  const witnesses = others.map((path) => witnessIn(tree.directory, path)).filter((path) => path !== null);
  return { watched: [...circumstances.watched, ...rules], mixed, witnesses };
}

/** pikaci's own directory, which no snapshot lists. */
const STATE = ".pikaci/";

function ruleFile(tree: WorkTree, path: BytePath): readonly [string, string] {
  const place = join(tree.directory, pathBytes(path).toString("utf8"));
  return [place, watchedStat(place)];
}

/** Empty for what git's index has no place for. */
function indexFile({ path, type, stat }: Found, moment: Moment): IndexFile[] {
  if (type === "special" || type === "directory") return [];
  return [{ path, type, stat: indexStat(unpackStat(stat), moment) }];
}

const SECOND = 1_000_000_000n;

/** Null where whole seconds cannot tell a later change. */
function indexStat(stat: FileStat, moment: Moment): IndexStat | null {
  if (!isSettledBySecond(stat, moment) || stat.mtimeNs < SECOND) return null;
  const low = (value: bigint) => Number(BigInt.asUintN(32, value));
  return {
    ctime: low(stat.ctimeNs / SECOND),
    mtime: low(stat.mtimeNs / SECOND),
    dev: low(stat.dev),
    ino: low(stat.ino),
    size: low(stat.size),
  };
}
