import type { Context } from "../../core/context.ts";
import type { Exit } from "../../system/exec.ts";
import { askGit, type GitOptions, git, type WorkTree } from "../../system/git.ts";

/** Makes git ignore this machine's replacement objects and grafts. */
const AS_COMMITTED = { GIT_NO_REPLACE_OBJECTS: "1", GIT_GRAFT_FILE: "/dev/null" };

/** Git's answer about the history as it was committed; SnapshotRefused with git's message when it fails. */
export function askHistory(
  tree: WorkTree,
  args: readonly string[],
  context: Context,
  { input, env = {} }: GitOptions = {},
): Promise<Buffer> {
  const options = { env: { ...AS_COMMITTED, ...env }, ...(input === undefined ? {} : { input }) };
  return askGit(tree, args, context, options);
}

/** Runs git where a failure is a valid answer. */
export function tryHistory(tree: WorkTree, args: readonly string[], context: Context): Promise<Exit> {
  return git(tree, args, context, { env: AS_COMMITTED });
}

/** The lines of an answer, one latin1 character per byte. */
export function lines(answer: Buffer): string[] {
  return answer
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
}
