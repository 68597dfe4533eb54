import { resolve } from "node:path";
import { ROOT } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { InfraError } from "../../core/errors.ts";
import { blake3, createHasher, DIGEST_SIZE } from "../../system/blake3.ts";
import { isSettled, type Moment, unpackStat } from "../../system/file-stat.ts";
import { inspect } from "../../system/files.ts";
import { askGit, type WorkTree } from "../../system/git.ts";
import { readCache, writeCache } from "../cache-file.ts";
import type { Source } from "../candidates.ts";
import { parseState } from "../recall/circumstances.ts";
import { readClock } from "../tree-clock.ts";
import { nameHead } from "./head.ts";
import { type HeadState, parseStatus, statusArgs } from "./listing.ts";

interface Known {
  readonly head: string;
  /** A digest of HEAD, index, configuration and attributes. */
  readonly digest: Buffer;
}

/** What git said of itself: `Circumstances.state`, and its listing of the index. */
interface Answers {
  readonly state: string;
  readonly tracked: Buffer;
}

/**
 * Finds HEAD and whether the tree is dirty. `git status` calls `lstat` for every tracked file, so it runs only when something has
 * changed since last time, and always in a repository with submodules.
 */
export function gitSource(
  tree: WorkTree,
  answers: Answers,
  questions: { readonly submodules: boolean; readonly untracked: boolean },
  context: Context,
): Source {
  const state = headState(tree, answers, questions, context);
  return async (stats) => {
    const { git_head, git_dirty } = await state(stats);
    return { git_head, git_dirty, ...(await nameHead(tree, git_head, context)) };
  };
}

type StateSource = (stats: readonly string[]) => Promise<HeadState>;

function headState(
  tree: WorkTree,
  answers: Answers,
  { submodules, untracked }: { readonly submodules: boolean; readonly untracked: boolean },
  context: Context,
): StateSource {
  const known = submodules ? null : knownOf(tree, answers);
  if (known === null) return async () => withDirt(await status(tree, context), untracked);
  if (untracked) return async () => ({ git_head: known.head, git_dirty: true });
  const moment = readClock(context);
  const key = { kind: "dirt 1", path: tree.directory };
  return async (stats) => {
    const digest = blake3(Buffer.concat([known.digest, Buffer.from(stats.join(""), "latin1")]));
    const memory = readCache(key, context);
    if (memory?.subarray(0, DIGEST_SIZE).equals(digest))
      return { git_head: known.head, git_dirty: memory[DIGEST_SIZE] === 1 };
    const source = await status(tree, context);
    if (source.git_head === known.head && allSettled(stats, moment))
      writeCache(key, [digest, Buffer.from([source.git_dirty ? 1 : 0])], context);
    return source;
  };
}

function withDirt({ git_head, git_dirty }: HeadState, dirt: boolean): HeadState {
  return { git_head, git_dirty: git_dirty || dirt };
}

async function status(tree: WorkTree, context: Context): Promise<HeadState> {
  return parseStatus(await askGit(tree, statusArgs, context));
}

/** Null before the first commit. */
function knownOf(tree: WorkTree, { state, tracked }: Answers): Known | null {
  const parsed = parseState(state);
  if (parsed === null) return null;
  const { config, attributes, head } = parsed;
  const files = [config, attributes].map((path) => inspect(resolve(tree.directory, path), ROOT)?.stat ?? "-");
  const hasher = createHasher()
    .update(tracked)
    .update(Buffer.from([head, ...files].join("\n"), "latin1"));
  return { head, digest: Buffer.from(hasher.digest("hex"), "hex") };
}

function allSettled(stats: readonly string[], moment: Moment | InfraError): boolean {
  return !(moment instanceof InfraError) && stats.every((stat) => isSettled(unpackStat(stat), moment));
}
