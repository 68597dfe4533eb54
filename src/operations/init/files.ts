import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A project's files as `init` sees them; paths are relative to the workspace. Nothing of the project is run. */
export interface ProjectFiles {
  /** A file's text; null where there is none, or it is too large for a file that people write. */
  text(path: string): string | null;
  /** Names in a directory (`""`: the workspace), sorted; empty where there is none. */
  names(directory: string): readonly string[];
}

/** In bytes; a file that people write is not larger. */
export const LARGEST = 4 * 2 ** 20;

/** The files of a directory of this machine. */
export function filesOf(workspace: string): ProjectFiles {
  return {
    text(path) {
      const file = join(workspace, path);
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat?.isFile() === true && stat.size <= LARGEST ? readFileSync(file, "utf8") : null;
    },
    names(directory) {
      const place = join(workspace, directory);
      return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
        ? readdirSync(place).sort()
        : [];
    },
  };
}

export function has(files: ProjectFiles, path: string): boolean {
  const directory = dirname(path);
  return files.names(directory === "." ? "" : directory).includes(basename(path));
}

/** The first of these names that is in the workspace. */
export function firstOf(files: ProjectFiles, names: readonly string[]): string | null {
  return names.find((name) => has(files, name)) ?? null;
}
