import { type BytePath, toPath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import type { InfraError } from "../../core/errors.ts";
import { GUARD_VERSION } from "../../core/guard-rules.ts";
import type { EntryType, HashedEntry, LeftOut, SourceInfo } from "../../core/snapshot.ts";
import { type CacheKey, readCache, writeCache } from "../cache-file.ts";
import { MANIFEST_VERSION } from "../manifest/manifest.ts";
import type { SeenDirectory } from "../names.ts";
import type { Circumstances } from "./circumstances.ts";
import { fromLatin1, packLists, toLatin1, unpackLists } from "./fields.ts";

/** What is remembered of a snapshot, so that the next one can tell that nothing but some contents has changed. */
export interface TreeRecord extends Omit<Circumstances, "moment"> {
  /** Digest of what was asked for: `questionOf`. */
  readonly question: string;
  /** `WorkTree.settings`. */
  readonly settings: readonly string[];
  /** Every directory in which git looks for untracked files. */
  readonly directories: readonly SeenDirectory[];
  /** Directories that are left out because git ignores everything in them, but not the directories themselves. */
  readonly mixed: readonly BytePath[];
  /** A path in each directory that is left out as ignored: while it is there, the directory is not empty. */
  readonly witnesses: readonly BytePath[];
  readonly leftOut: readonly LeftOut[];
  readonly source: SourceInfo;
  /** Whether git counts an untracked file. */
  readonly untracked: boolean;
  /** `KnownTree.digest`, in hex: the tree as it was when the index was written. */
  readonly base: string;
  /** `OwnIndex`. */
  readonly index: { readonly digest: string; readonly mark: string };
  /** What was read since, instead of the base's entries of the same paths. */
  readonly changed: readonly HashedEntry[];
}

export function readRecord(root: string, context: Pick<Context, "memory">): TreeRecord | null {
  const body = readCache(keyOf(root), context);
  return body === null ? null : decode(body);
}

export function writeRecord(
  root: string,
  record: TreeRecord,
  context: Pick<Context, "memory" | "clock">,
): InfraError | null {
  return writeCache(keyOf(root), [encode(record)], context);
}

function keyOf(root: string): CacheKey {
  return { kind: `tree 1 ${MANIFEST_VERSION} guards/${GUARD_VERSION}`, path: root };
}

function encode(record: TreeRecord): Buffer {
  const { question, config, state, source, untracked, base, index, changed } = record;
  const { git_head, git_branch, git_subject, git_dirty } = source;
  return packLists([
    [question, config, state, base, index.digest, index.mark],
    [git_head, git_branch, git_subject].map((text) => (text === null ? "" : `=${toLatin1(text)}`)),
    [git_dirty, untracked].map((one) => (one ? "1" : "0")),
    record.settings.map(toLatin1),
    record.watched.flatMap(([path, stat]) => [toLatin1(path), stat]),
    record.directories.flatMap(({ path, stat, names }) => [path, stat, names]),
    record.mixed,
    record.witnesses,
    record.leftOut.flatMap(({ path, rule }) => [path, toLatin1(rule)]),
    changed.flatMap(({ path, type, size, stat, digest }) => [path, type, String(size), stat, digest]),
  ]);
}

/** Needs no checks: what passed the checksum was written by `encode`. */
function decode(body: Buffer): TreeRecord {
  const [facts = [], source = [], flags = [], settings = [], watched = [], ...more] = unpackLists(body);
  const [directories = [], mixed = [], witnesses = [], leftOut = [], changed = []] = more;
  const [question = "", config = "", state = "", base = "", digest = "", mark = ""] = facts;
  const [git_head = null, git_branch = null, git_subject = null] = source.map((text) =>
    text === "" ? null : fromLatin1(text.slice(1)),
  );
  return {
    question,
    config,
    state,
    base,
    index: { digest, mark },
    source: { git_head, git_branch, git_subject, git_dirty: flags[0] === "1" },
    untracked: flags[1] === "1",
    settings: settings.map(fromLatin1),
    watched: inGroups(watched, 2).map(([path = "", stat = ""]) => [fromLatin1(path), stat]),
    directories: inGroups(directories, 3).map(([path = "", stat = "", names = ""]) => ({
      path: toPath(path),
      stat,
      names,
    })),
    mixed: mixed.map(toPath),
    witnesses: witnesses.map(toPath),
    leftOut: inGroups(leftOut, 2).map(([path = "", rule = ""]) => ({
      path: toPath(path),
      rule: fromLatin1(rule),
    })),
    changed: inGroups(changed, 5).map(([path = "", type = "", size = "", stat = "", digest = ""]) => ({
      path: toPath(path),
      type: parseType(type),
      size: Number(size),
      stat,
      digest,
    })),
  };
}

function parseType(text: string): EntryType {
  return text === "executable" || text === "symlink" || text === "directory" ? text : "file";
}

function inGroups(list: readonly string[], size: number): string[][] {
  return Array.from({ length: list.length / size }, (_, at) => list.slice(at * size, (at + 1) * size));
}
