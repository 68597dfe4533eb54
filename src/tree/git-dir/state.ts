import type { Context } from "../../core/context.ts";
import { SnapshotRefused } from "../../core/errors.ts";
import { openWorkTree, type WorkTree } from "../../system/git.ts";
import { askHistory, lines, tryHistory } from "./ask.ts";
import { type History, historyOf } from "./history.ts";

/** What a job with `git: true` sees of the repository, besides the tree. */
export interface GitState extends History {
  readonly tree: WorkTree;
  readonly head: string;
  /** `refs/heads/…`, one latin1 character a byte; null when HEAD is detached. */
  readonly branch: string | null;
  readonly format: "sha1" | "sha256";
}

/** Part of a verdict's key: HEAD, its branch and the tags of its history. */
export function gitKey({ head, branch, tags }: Pick<GitState, "head" | "branch" | "tags">): string {
  return JSON.stringify([head, branch, tags.map(({ name, id }) => [name, id])]);
}

/** SnapshotRefused where there is no repository with a commit whose top is the workspace. */
export async function readGitState(workspace: string, context: Context): Promise<GitState> {
  const tree = await openWorkTree(workspace, context);
  if (tree === null)
    throw refused("the workspace is not in a git work tree", "commit it with `git init` and `git commit`");
  const [format, prefix] = (
    await askHistory(tree, ["rev-parse", "--show-object-format", "--show-prefix"], context)
  )
    .toString("latin1")
    .split("\n");
  if (prefix !== "")
    throw refused(
      "the workspace is not the top of its repository",
      "run pikaci where `git rev-parse --show-toplevel` says",
    );
  const [commit, ref] = await Promise.all([
    tryHistory(tree, ["rev-parse", "--quiet", "--verify", "HEAD^{commit}"], context),
    tryHistory(tree, ["symbolic-ref", "--quiet", "HEAD"], context),
  ]);
  const [head] = lines(commit.stdout);
  if (commit.exitCode !== 0 || head === undefined)
    throw refused("HEAD has no commit yet", "make the first one with `git commit`");
  const [branch = null] = lines(ref.stdout);
  const history = await historyOf(tree, head, context);
  return { tree, head, branch, format: format === "sha256" ? "sha256" : "sha1", ...history };
}

function refused(why: string, how: string): SnapshotRefused {
  return new SnapshotRefused(`a job has \`git: true\`, and ${why}`, {
    hint: `${how}, or remove \`git\` from the configuration`,
  });
}
