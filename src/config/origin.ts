import { existsSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { ConfigError } from "../core/errors.ts";
import { repositoryAbove } from "../system/git.ts";

/** File names in order; the first one found counts, and after them a flake. */
export const CONFIG_FILES = ["pikaci.config.ts", "pikaci.config.mjs", "pikaci.config.json"] as const;

/** The only one that is data, not code. */
const DATA_FILE = "pikaci.config.json";

/** Of a stranger's tree, where a configuration comes from: the tree itself, or a file that is no part of it. */
export type Origin = "tree" | "outside";

const HINT =
  "write the configuration as pikaci.config.json, or name one outside the tree with `--config FILE`; docs/threat-model.md";

/** The configuration of a stranger's tree that is data; null when it has none. ConfigError when it has code instead. */
export function findStrangersConfig(workspace: string): string | null {
  const data = join(workspace, DATA_FILE);
  if (existsSync(data)) return data;
  const code = CONFIG_FILES.map((name) => join(workspace, name)).find((path) => existsSync(path));
  if (code === undefined) return null;
  throw new ConfigError(`${code} is code of the tree, which is untrusted: it is not run`, { hint: HINT });
}

export function noData(workspace: string): ConfigError {
  return new ConfigError(`no configuration in ${workspace} that is data, and the tree is untrusted`, {
    hint: HINT,
  });
}

/**
 * Whether a configuration is of the tree, by where the file really lies; the tree is the whole repository. ConfigError for
 * a link of the tree that leads out of it, and for code of the tree.
 */
export function originOf(workspace: string, file: string): Origin {
  const { isReally, isNamed } = placeIn(workspace, file);
  if (!isReally && !isNamed) return "outside";
  if (!isReally)
    throw new ConfigError(`${file} is a link of the tree that leads out of it, and the tree is untrusted`, {
      hint: HINT,
    });
  if (file.endsWith(".json") && realpathSync(file).endsWith(".json")) return "tree";
  throw new ConfigError(`${file} is code of the tree, which is untrusted: it is not run`, { hint: HINT });
}

/** Whether a file, which exists, is no part of the workspace's repository, neither by its name nor by where it really lies. */
export function isOutside(workspace: string, file: string): boolean {
  const { isReally, isNamed } = placeIn(workspace, file);
  return !isReally && !isNamed;
}

function placeIn(workspace: string, file: string): { readonly isReally: boolean; readonly isNamed: boolean } {
  const tree = repositoryAbove(workspace) ?? workspace;
  return { isReally: isBelow(realpathSync(tree), realpathSync(file)), isNamed: isBelow(tree, file) };
}

function isBelow(directory: string, path: string): boolean {
  const inside = relative(directory, path);
  return !isAbsolute(inside) && inside.split(sep)[0] !== "..";
}
