import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BytePath, displayPath, pathBytes } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { SnapshotRefused } from "../../core/errors.ts";
import { askGit, openSubmodule, type WorkTree } from "../../system/git.ts";
import { parseListing, trackedArgs } from "./listing.ts";

/** The absolute path of a submodule. SnapshotRefused when it is not UTF-8. */
export function submoduleDirectory(tree: WorkTree, path: BytePath): string {
  const text = pathBytes(path).toString("utf8");
  if (Buffer.from(text, "utf8").equals(pathBytes(path))) return join(tree.directory, text);
  throw new SnapshotRefused(`the name of the submodule "${displayPath(path)}" is not UTF-8`, {
    hint: "move the submodule to a path in UTF-8, or leave it out with `git submodule deinit`",
  });
}

/**
 * The work tree with the filters of its submodules disabled as well, at every depth, since `git diff` looks into all of them.
 */
export async function withSubmoduleFilters(tree: WorkTree, context: Context): Promise<WorkTree> {
  const { submodules } = parseListing(await askGit(tree, [...trackedArgs, "--", ":/"], context));
  let settings = tree.settings;
  for (const path of submodules) {
    const directory = submoduleDirectory(tree, path);
    if (!existsSync(join(directory, ".git"))) continue;
    const inner = await openSubmodule({ ...tree, settings }, directory, context);
    ({ settings } = await withSubmoduleFilters(inner, context));
  }
  return { ...tree, settings };
}
