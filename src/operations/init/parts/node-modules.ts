import { has, type ProjectFiles } from "../files.ts";
import type { JobInput } from "../tool.ts";

type Prepare = NonNullable<JobInput["prepare"]>;

const MODULES = "node_modules";
/** Steps from the workspace to a package of it. */
const DEPTH = 4;
const LONGEST_NAME = 64;

/** Every `node_modules` that is installed in the project's packages, each mounted where it is; at least the project's own. */
export function preparedModules(files: ProjectFiles): Prepare {
  const nested = ["package.json", "pnpm-workspace.yaml"].some((name) => has(files, name))
    ? packagesBelow(files, "", DEPTH).map((directory) => `${directory}/${MODULES}`)
    : [];
  const prepare: Prepare = {};
  for (const path of [MODULES, ...nested]) prepare[nameOf(path, Object.keys(prepare))] = { path, at: path };
  return prepare;
}

/** Directories with a `package.json` and a `node_modules` of their own. */
function packagesBelow(files: ProjectFiles, directory: string, depth: number): string[] {
  if (depth === 0) return [];
  const below = files
    .names(directory)
    .filter((name) => name !== MODULES && !name.startsWith("."))
    .map((name) => (directory === "" ? name : `${directory}/${name}`));
  return below.flatMap((path) => {
    const names = files.names(path);
    const own = names.includes("package.json") && names.includes(MODULES) ? [path] : [];
    return names.length === 0 ? [] : [...own, ...packagesBelow(files, path, depth - 1)];
  });
}

/** A name of `prepare`, from the path, that is not taken. */
function nameOf(path: string, taken: readonly string[]): string {
  const safe = path.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  const name = safe.slice(-LONGEST_NAME).replace(/^[^A-Za-z0-9]+/, "");
  const isTaken = (one: string) => taken.some((other) => other.toLowerCase() === one.toLowerCase());
  if (!isTaken(name)) return name;
  const numbered = taken.map((_, index) => `${name.slice(-LONGEST_NAME + 6)}-${index + 2}`);
  return numbered.find((one) => !isTaken(one)) ?? name;
}
