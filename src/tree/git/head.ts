import type { Context } from "../../core/context.ts";
import type { SourceInfo } from "../../core/snapshot.ts";
import { askGit, git, type WorkTree } from "../../system/git.ts";

type HeadNames = Pick<SourceInfo, "git_branch" | "git_subject">;

const LONGEST_SUBJECT = 200;
const BRANCH = "refs/heads/";

/** HEAD's branch, and the subject of the commit `head`; SnapshotRefused when that cannot be read. */
export async function nameHead(tree: WorkTree, head: string | null, context: Context): Promise<HeadNames> {
  if (head === null) return { git_branch: null, git_subject: null };
  const [branch, commit] = await Promise.all([
    git(tree, ["symbolic-ref", "--quiet", "HEAD"], context),
    askGit(tree, ["cat-file", "commit", head], context),
  ]);
  const ref = branch.stdout.toString("utf8").trim();
  return {
    git_branch: ref.startsWith(BRANCH) ? ref.slice(BRANCH.length) : null,
    git_subject: subjectOf(commit),
  };
}

/**
 * The subject of a raw commit, as git shows it: the first paragraph of the message on one line. Bytes that are not UTF-8
 * and control characters become U+FFFD; a long subject ends in `…`. Empty when there is no message.
 */
export function subjectOf(commit: Buffer): string {
  const end = commit.indexOf("\n\n");
  if (end < 0) return "";
  const [paragraph = ""] = commit
    .subarray(end, end + 64 * 1024)
    .toString("utf8")
    .replace(/^\s+/, "")
    .split(/\n\s*\n/, 1);
  const characters = [...paragraph.trim().replace(/\s*\n\s*/g, " ")];
  const subject = characters
    .slice(0, LONGEST_SUBJECT)
    .join("")
    .replace(/\p{Cc}/gu, "\ufffd");
  return characters.length > LONGEST_SUBJECT ? `${subject.slice(0, -1)}…` : subject;
}
