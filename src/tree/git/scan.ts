import { type BytePath, joinPaths, parentPath, ROOT, toPath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { openDirectoryMemory } from "../directory-memory.ts";
import type { SeenDirectory } from "../names.ts";
import type { Listing } from "./listing.ts";

interface Disk {
  /** Real directories, none reached through a symlink. */
  readonly directories: ReadonlySet<BytePath>;
  readonly specials: readonly BytePath[];
  readonly seen: readonly SeenDirectory[];
  /** Whether the directories' stats tell any change of the names in the directories that matters: no special file and no repository lies there. */
  readonly isWhole: boolean;
}

/**
 * Looks for special files, which git never lists, in every directory that git neither ignores nor leaves to another repository.
 * A directory that has not changed since last time is not read again.
 */
export function scan(
  root: string,
  { files, submodules, nested }: Omit<Listing, "untracked" | "sparse">,
  ignored: readonly BytePath[],
  context: Context,
): Disk {
  const counted = ancestors([files, submodules]);
  const foreign = new Set<BytePath>([...submodules, ...nested]);
  const skipped = new Set<BytePath>(ignored);
  const directories = new Set<BytePath>([ROOT]);
  const specials: BytePath[] = [];
  const seen: SeenDirectory[] = [];
  const memory = openDirectoryMemory(root, context);
  let isWhole = true;
  for (const directory of directories) {
    const found = memory.look(directory);
    if (found.seen !== null) seen.push(found.seen);
    isWhole &&= found.seen !== null && (!found.hasGit || directory === ROOT);
    for (const name of found.specials) specials.push(joinPaths(directory, toPath(name)));
    for (const name of found.directories) {
      const path = joinPaths(directory, toPath(name));
      const left = name === ".git" || foreign.has(path) || skipped.has(toPath(`${path}/`));
      if (!left || counted.has(path)) directories.add(path);
    }
  }
  memory.save();
  return { directories, specials, seen, isWhole: isWhole && specials.length === 0 };
}

function ancestors(lists: readonly (readonly BytePath[])[]): Set<BytePath> {
  const found = new Set<BytePath>([ROOT]);
  let last = ROOT;
  for (const paths of lists)
    for (const path of paths) {
      if (last !== ROOT && path.lastIndexOf("/") === last.length && path.startsWith(last)) continue;
      last = parentPath(path);
      for (let parent = last; !found.has(parent); parent = parentPath(parent)) found.add(parent);
    }
  return found;
}

/** Whether a path is on disk: a tracked path below what is now a symlink or a file counts as deleted. */
export function isOnDisk({ directories }: Disk): (path: BytePath) => boolean {
  let last = ROOT;
  return (path) => {
    if (last !== ROOT && path.lastIndexOf("/") === last.length && path.startsWith(last)) return true;
    const parent = parentPath(path);
    if (!directories.has(parent)) return false;
    last = parent;
    return true;
  };
}
