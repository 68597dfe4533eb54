import { type BytePath, bytePath } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { Exit } from "../system/exec.ts";
import { git, gitRefused, openWorkTree, type WorkTree } from "../system/git.ts";
import { withSubmoduleFilters } from "../tree/git/submodules.ts";
import { type BaseCandidate, baseFromEnv, inCi } from "./merge-base.ts";

/** Which paths of the workspace changed, or why that can't be told. */
export type Changes =
  | {
      readonly known: true;
      readonly paths: readonly BytePath[];
      readonly base: string;
      /** Every file that git tracks or would add, for filters that match none. */
      readonly files: readonly BytePath[];
    }
  | { readonly known: false; readonly reason: string };

interface Base {
  readonly commit: string;
  readonly source: string;
}

/**
 * Changed files against the merge base with `base`, else with what CI variables say, else with `origin/HEAD`, else
 * (outside CI) with `HEAD`; uncommitted and untracked ones included. UsageError when `base` is no commit.
 */
export async function findChanges(
  workspace: string,
  base: string | null,
  context: Context,
): Promise<Changes> {
  const opened = await openWorkTree(workspace, context);
  if (opened === null) return { known: false, reason: "the workspace is not a git work tree" };
  const tree = await withSubmoduleFilters(opened, context);
  if ((await commitOf(tree, "HEAD", context)) === null)
    return { known: false, reason: "there is no commit yet" };
  const found = base === null ? await findBase(tree, context) : await explicitBase(tree, base, context);
  return typeof found === "string" ? { known: false, reason: found } : changesSince(tree, found, context);
}

/** UsageError when `base` is no commit of the workspace's repository, where there is one. */
export async function checkBase(workspace: string, base: string, context: Context): Promise<void> {
  const tree = await openWorkTree(workspace, context);
  if (tree !== null) await baseCommit(tree, base, context);
}

async function explicitBase(tree: WorkTree, revision: string, context: Context): Promise<Base | string> {
  return mergeBase(tree, await baseCommit(tree, revision, context), `--base ${revision}`, context);
}

async function baseCommit(tree: WorkTree, revision: string, context: Context): Promise<string> {
  const commit = await commitOf(tree, revision, context);
  if (commit !== null) return commit;
  throw new UsageError(`--base: ${JSON.stringify(revision)} is not a commit of this repository`, {
    hint: "`git fetch` it first, or name another one, as in `--base origin/main`",
  });
}

async function findBase(tree: WorkTree, context: Context): Promise<Base | string> {
  const candidate = baseFromEnv(context.env);
  if (candidate !== null) return candidateBase(tree, candidate, context);
  const ci = inCi(context.env);
  const head = await commitOf(tree, "HEAD", context);
  const origin = await commitOf(tree, "refs/remotes/origin/HEAD", context);
  if (origin !== null) {
    const base = await mergeBase(tree, origin, "origin/HEAD", context);
    if (typeof base === "string" || !ci || base.commit !== head) return base;
    return "HEAD is already part of origin/HEAD, and no variable of this CI names a base";
  }
  if (ci || head === null) return "no base is known: neither a CI variable nor origin/HEAD names one";
  return { commit: head, source: "HEAD" };
}

async function candidateBase(
  tree: WorkTree,
  candidate: BaseCandidate,
  context: Context,
): Promise<Base | string> {
  for (const revision of candidate.revisions) {
    const commit = await commitOf(tree, revision, context);
    if (commit !== null) return mergeBase(tree, commit, candidate.source, context);
  }
  const tried = candidate.revisions.join(", ");
  return `the base that ${candidate.source} names is not in this clone (${tried}): fetch it, or clone deeper`;
}

async function mergeBase(
  tree: WorkTree,
  commit: string,
  source: string,
  context: Context,
): Promise<Base | string> {
  const exit = await git(tree, ["merge-base", commit, "HEAD"], context);
  const base = exit.stdout.toString().trim();
  return exit.exitCode === 0 && base !== ""
    ? { commit: base, source }
    : `HEAD and ${source} share no history in this clone: clone deeper`;
}

async function changesSince(tree: WorkTree, base: Base, context: Context): Promise<Changes> {
  const diff = ["diff", "--name-only", "-z", "--no-renames", "--relative", base.commit, "--"];
  const others = ["ls-files", "-z", "--others", "--exclude-standard"];
  const changed = await listPaths(tree, diff, context);
  const untracked = await listPaths(tree, others, context);
  const tracked = await listPaths(tree, ["ls-files", "-z", "--cached"], context);
  const description = `${base.source} (${base.commit.slice(0, 12)})`;
  const paths = [...new Set([...changed, ...untracked])].sort();
  if (paths.length === 0 && base.source === "HEAD")
    return { known: false, reason: "nothing is uncommitted, and no base is known to compare HEAD with" };
  return { known: true, paths, base: description, files: [...tracked, ...untracked] };
}

async function listPaths(tree: WorkTree, args: readonly string[], context: Context): Promise<BytePath[]> {
  const exit: Exit = await git(tree, args, context);
  if (exit.exitCode !== 0) throw gitRefused(args, exit);
  return exit.stdout
    .toString("latin1")
    .split("\0")
    .filter((path) => path !== "" && !path.startsWith(".pikaci/"))
    .map((path) => bytePath(Buffer.from(path, "latin1")));
}

async function commitOf(tree: WorkTree, revision: string, context: Context): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const exit = await git(tree, args, context);
  return exit.exitCode === 0 ? exit.stdout.toString().trim() : null;
}
