import type { Context } from "../../core/context.ts";
import type { Exit } from "../../system/exec.ts";
import { askGit, type GitOptions, git, type WorkTree } from "../../system/git.ts";

/** History as it was committed: neither replacements nor grafts of this machine. */
const AS_COMMITTED = { GIT_NO_REPLACE_OBJECTS: "1", GIT_GRAFT_FILE: "/dev/null" };

/** Git's answer about the history as it was committed; SnapshotRefused with its words when it fails. */
export function askHistory(
  tree: WorkTree,
  args: readonly string[],
  context: Context,
  { input, env = {} }: GitOptions = {},
): Promise<Buffer> {
  const options = { env: { ...AS_COMMITTED, ...env }, ...(input === undefined ? {} : { input }) };
  return askGit(tree, args, context, options);
}

/** Asks git where a failure is an answer. */
export function tryHistory(tree: WorkTree, args: readonly string[], context: Context): Promise<Exit> {
  return git(tree, args, context, { env: AS_COMMITTED });
}

/** Lines of an answer, one latin1 character a byte. */
export function lines(answer: Buffer): string[] {
  return answer
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
}
