import type { BytePath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import type { SnapshotEntry, SnapshotFilters, SourceInfo } from "../../core/snapshot.ts";
import { plainTree } from "../../system/git.ts";
import { readKnownTree } from "../hashing/stat-cache.ts";
import type { SeenDirectory } from "../names.ts";
import { askConfig, askState, watchedStat } from "./circumstances.ts";
import { differing, type OwnIndex, ownRepository } from "./compare.ts";
import { lookAt, sameDirectories } from "./directories.ts";
import { sourceNow } from "./dirt.ts";
import { isAllIgnored } from "./ignored.ts";
import { KnownFiles } from "./known-files.ts";
import { questionOf } from "./question.ts";
import { readRecord, type TreeRecord } from "./record.ts";
import { isRuleFile } from "./rule-file.ts";

/** The most paths that are looked at one by one; beyond it, the long way is as quick. */
const LIMIT = 500;

/** The tree of last time with the files that have changed since, whose content is not yet known. */
export interface Recalled {
  readonly root: string;
  readonly record: TreeRecord;
  /** Those of the record as they are now. */
  readonly directories: readonly SeenDirectory[];
  /** As they were when their content was read. */
  readonly files: KnownFiles;
  /** Those of the files whose stat is another one now, as they are now. */
  readonly changed: readonly SnapshotEntry[];
  readonly source: SourceInfo;
}

/**
 * The tree as it is now, where it has the same files as last time: every directory, every rule of what counts, the index,
 * HEAD and the configuration are looked at again, and every file's stat. Null where any of it is not what it was.
 */
export async function recall(
  root: string,
  filters: SnapshotFilters,
  context: Context,
): Promise<Recalled | null> {
  const directory = ownRepository(root, context);
  const record = directory === null ? null : readRecord(root, context);
  if (directory === null || record?.question !== questionOf(root, filters, context.env)) return null;
  const index = { ...record.index, directory };
  const [named, again] = await atOnce(
    (inTime) => ask(root, record, index, inTime),
    () => lookAgain(root, record, context),
    context,
  );
  if (named === null || again === null || named.length > LIMIT) return null;
  const news = findNews(root, named, again.files, record);
  if (news === null) return null;
  const source = await sourceNow(root, record, news.paths, context);
  return isSameWatched(record) ? { root, record, ...again, changed: news.files, source } : null;
}

/** Does both, and ends the first one early when the second one gives null. */
async function atOnce<A, B>(
  asked: (context: Context) => Promise<A | null>,
  looked: () => B | null,
  context: Context,
): Promise<readonly [A | null, B | null]> {
  const enough = new AbortController();
  const signal = AbortSignal.any([context.signal, enough.signal]);
  const asking = asked({ ...context, signal }).catch((error: unknown) => {
    if (enough.signal.aborted && !context.signal.aborted) return null;
    throw error;
  });
  const looking = (async () => looked())();
  const stopping = looking.then((again) => {
    if (again === null) enough.abort();
  });
  const [answer, again] = await Promise.all([asking, looking, stopping]);
  return [answer, again];
}

/** Git's part, in processes of their own; null where something differs that decides which files count. */
async function ask(
  root: string,
  record: TreeRecord,
  index: OwnIndex,
  context: Context,
): Promise<BytePath[] | null> {
  const tree = plainTree(root, record.settings);
  const [differ, config, state, isEmpty] = await Promise.all([
    differing(root, index, context),
    askConfig(tree, context),
    askState(tree, context),
    isAllIgnored(tree, record.mixed, context),
  ]);
  return config === record.config && state === record.state && isEmpty ? differ : null;
}

/** This process's part, while git works. */
function lookAgain(root: string, record: TreeRecord, context: Context): Again | null {
  if (!isSameWatched(record)) return null;
  const directories = sameDirectories(root, record.directories, context);
  if (directories === null) return null;
  for (const path of record.witnesses) if (lookAt(root, path) === null) return null;
  const known = readKnownTree(root, context);
  if (known?.digest.toString("hex") !== record.base) return null;
  const files = new KnownFiles(known);
  return record.changed.every((entry) => files.replace(entry)) ? { directories, files } : null;
}

type Again = Pick<Recalled, "directories" | "files">;

function isSameWatched({ watched }: TreeRecord): boolean {
  return watched.every(([path, stat]) => watchedStat(path) === stat);
}

interface News {
  readonly files: SnapshotEntry[];
  /** Those of `files`, and others that the project's filters leave out. */
  readonly paths: BytePath[];
}

/** What of the paths that git names has another stat than the remembered one; null where more than a content has changed. */
function findNews(
  root: string,
  named: readonly BytePath[],
  files: KnownFiles,
  { changed }: TreeRecord,
): News | null {
  const names = new Set(named);
  if (!changed.every(({ path }) => names.has(path))) return null;
  const news: News = { files: [], paths: [] };
  for (const path of named) {
    const now = lookAt(root, path);
    const before = files.at(path);
    if (now === null || now.type === "special" || now.type === "directory") return null;
    if (before?.stat === now.stat && before.type === now.type) continue;
    if (isRuleFile(path)) return null;
    news.paths.push(path);
    if (before !== null) news.files.push({ path, type: now.type, size: now.size, stat: now.stat });
  }
  return news;
}
