import { existsSync } from "node:fs";
import { type BytePath, joinPaths, pathBytes, ROOT, toPath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { absolutePath } from "../../system/files.ts";
import { git, type WorkTree } from "../../system/git.ts";
import type { Rule } from "../filters.ts";
import { children } from "../walk.ts";

type GitContext = Pick<Context, "env" | "signal">;

/** What decides which directories of a workspace can hold files that count. */
export interface Grounds {
  readonly root: string;
  /** Null outside git. */
  readonly tree: WorkTree | null;
  /** Leaves out a directory with everything below it. */
  readonly excluded: Rule;
  /** Directories with files that count, which nobody need ask git about. */
  readonly known: ReadonlySet<BytePath>;
  /** Files that git ignored when the tree was last looked at: what is written into them says nothing. */
  readonly ignored: ReadonlySet<BytePath>;
}

/**
 * Calls `enter` for the directories `from` and for each below them in which a file that counts can lie or appear: empty ones
 * too, but none that git ignores, that the configuration excludes, or that is a repository of its own. `enter` comes before a
 * directory is listed, and says whether to go on there. Git is asked once for each level that has directories which are not known.
 */
export async function eachDirectory(
  from: readonly BytePath[],
  grounds: Grounds,
  enter: (directory: BytePath) => boolean,
  context: GitContext,
): Promise<void> {
  for (let level = from; level.length > 0; ) {
    const entered = (await unlessIgnored(level.filter(mayCount(grounds)), grounds, context)).filter(enter);
    level = entered.flatMap((directory) => subdirectories(directory, grounds));
  }
}

function subdirectories(directory: BytePath, { root }: Grounds): BytePath[] {
  return children(root, directory).flatMap(({ path, kind }) => (kind === "directory" ? [path] : []));
}

function mayCount({ root, excluded, known }: Grounds): (directory: BytePath) => boolean {
  return (path) =>
    path === ROOT || (excluded(path) === null && (known.has(path) || !isRepository(root, path)));
}

function isRepository(root: string, path: BytePath): boolean {
  return existsSync(absolutePath(root, joinPaths(path, toPath(".git"))));
}

/** `git check-ignore` ends with 1 when it names none; in a submodule it fails, and then nothing is left out. */
async function unlessIgnored(
  paths: readonly BytePath[],
  { tree, known }: Grounds,
  context: GitContext,
): Promise<readonly BytePath[]> {
  const unknown = paths.filter((path) => path !== ROOT && !known.has(path));
  if (tree === null || unknown.length === 0) return paths;
  const zero = Buffer.alloc(1);
  const input = Buffer.concat(unknown.flatMap((path) => [pathBytes(path), zero]));
  const { stdout } = await git(tree, ["check-ignore", "-z", "--stdin"], context, { input });
  const ignored = new Set(stdout.toString("latin1").split("\0"));
  return paths.filter((path) => !ignored.has(path));
}

/** The directories above the files of a snapshot, the workspace's own included. */
export function directoriesOf(paths: readonly BytePath[]): ReadonlySet<BytePath> {
  const found = new Set<BytePath>([ROOT]);
  for (const path of paths)
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const directory = toPath(path.slice(0, at));
      if (found.has(directory)) break;
      found.add(directory);
    }
  return found;
}
