import { type BytePath, toPath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { git, type WorkTree } from "../../system/git.ts";
import { children } from "../walk.ts";

/**
 * Those of the ignored directories that no rule names: git leaves them out because everything in them is ignored, so that
 * a new file in them may count. Null when git does not tell.
 */
export async function mixedDirectories(
  tree: WorkTree,
  directories: readonly BytePath[],
  context: Context,
): Promise<BytePath[] | null> {
  if (directories.length === 0) return [];
  const input = Buffer.from(directories.map((path) => `./${path}\0`).join(""), "latin1");
  const exit = await git(tree, ["check-ignore", "-z", "--stdin"], context, { input });
  if (exit.exitCode > 1) return null;
  const named = new Set(exit.stdout.toString("latin1").split("\0"));
  return directories.filter((path) => !named.has(`./${path}`));
}

/** Whether git still counts nothing in these directories. */
export async function isAllIgnored(
  tree: WorkTree,
  mixed: readonly BytePath[],
  context: Context,
): Promise<boolean> {
  if (mixed.length === 0) return true;
  const words = ["ls-files", "-z", "--others", "--exclude-standard", "--", ...mixed.map(decode)];
  const { exitCode, stdout } = await git(tree, words, context, { env: { GIT_LITERAL_PATHSPECS: "1" } });
  return exitCode === 0 && stdout.length === 0;
}

/** Whether every path can stand on a command line. */
export function areNameable(paths: readonly BytePath[]): boolean {
  return paths.every((path) => !/[^\x20-\x7e]/.test(path));
}

function decode(path: BytePath): string {
  return Buffer.from(path, "latin1").toString("utf8");
}

/** The first path below a directory that is not itself a directory; null where none is. */
export function witnessIn(root: string, directory: BytePath): BytePath | null {
  for (const { path, kind } of children(root, directory)) {
    const found = kind === "directory" ? witnessIn(root, path) : path;
    if (found !== null) return found;
  }
  return null;
}

/** A directory's path without the slash that git puts at its end. */
export function withoutSlash(path: BytePath): BytePath {
  return path.endsWith("/") ? toPath(path.slice(0, -1)) : path;
}
