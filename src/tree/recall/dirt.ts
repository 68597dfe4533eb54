import type { BytePath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import type { SourceInfo } from "../../core/snapshot.ts";
import { askGit, plainTree } from "../../system/git.ts";
import { parseStatus, statusArgs } from "../git/listing.ts";
import { areNameable } from "./ignored.ts";
import type { TreeRecord } from "./record.ts";

/** The most paths that git is asked about by name. */
const LIMIT = 100;

/**
 * The commit of last time, and whether the tree is dirty now that nothing but the content of these files has changed. Git is asked
 * about them alone; about all files only when that leaves it open whether another one is dirty.
 */
export async function sourceNow(
  root: string,
  { settings, source, untracked }: Pick<TreeRecord, "settings" | "source" | "untracked">,
  changed: readonly BytePath[],
  context: Context,
): Promise<SourceInfo> {
  if (changed.length === 0 || untracked) return source;
  const isDirty = async (paths: readonly BytePath[]) => {
    const [words, env] = paths.length === 0 ? [statusArgs, {}] : [[...OF_PATHS, ...paths], LITERALLY];
    return parseStatus(await askGit(plainTree(root, settings), words, context, { env })).git_dirty;
  };
  const few = changed.length <= LIMIT && areNameable(changed);
  if (few && (await isDirty(changed))) return { ...source, git_dirty: true };
  if (few && !source.git_dirty) return source;
  return { ...source, git_dirty: await isDirty([]) };
}

/** As `statusArgs`, for paths that follow. */
const OF_PATHS = statusArgs.slice(0, -1);
const LITERALLY = { GIT_LITERAL_PATHSPECS: "1" };
