import { realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { ConfigError } from "../core/errors.ts";
import { realPath } from "../system/files.ts";

/** What a checkout holds besides the tree: credentials in git's configuration, and the logs of earlier runs. */
const NOT_THE_TREE = [".git", ".pikaci"];

/**
 * Where a client path of a stranger's configuration really lies, absolute and without symlinks. ConfigError when that is
 * not inside the tree, whatever the path's text says; SnapshotRefused when nothing is there.
 */
export function confinedPath(workspace: string, path: string): string {
  const refuse = (why: string) =>
    new ConfigError(`the client path ${JSON.stringify(path)} ${why}, and the tree is untrusted`, {
      hint: "name a directory or file of the tree; other paths come from a configuration outside of it",
    });
  if (isAbsolute(path)) throw refuse("is absolute");
  const named = resolve(workspace, path);
  if (!isBelow(workspace, named)) throw refuse("leaves the workspace");
  realPath(named);
  const real = realpathSync(named);
  const inside = relative(realpathSync(workspace), real);
  if (inside === "") throw refuse("is the whole workspace, with what git and pikaci keep there");
  if (leaves(inside)) throw refuse(`leads to ${real}, out of the workspace`);
  const kept = inside.split(sep).find((part) => NOT_THE_TREE.includes(part.toLowerCase()));
  if (kept !== undefined) throw refuse(`leads into ${kept}, which is not of the tree`);
  return real;
}

function isBelow(directory: string, path: string): boolean {
  return !leaves(relative(directory, path));
}

function leaves(path: string): boolean {
  return isAbsolute(path) || path.split(sep)[0] === "..";
}
