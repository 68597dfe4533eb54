import type { BytePath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import type { WorkTree } from "../../system/git.ts";
import type { Found } from "../looking/look.ts";
import type { Listing } from "./listing.ts";

/**
 * What is on disk, with the executable bits that git would commit where those on disk mean nothing (`core.fileMode` is false): a
 * tracked file has the index's bit, an untracked one has none.
 */
export function asCommitted(
  found: Found[],
  { fileMode }: WorkTree,
  modes: ReadonlyMap<BytePath, string>,
): Found[] {
  if (fileMode) return found;
  return found.map((file) => {
    if (file.type !== "file" && file.type !== "executable") return file;
    return { ...file, type: modes.get(file.path) === "100755" ? "executable" : "file" };
  });
}

/** Warns about tracked files that this checkout shows differently from what is committed. */
export function warnOfCheckout(
  tree: WorkTree,
  { sparse }: Listing,
  found: readonly Found[],
  modes: ReadonlyMap<BytePath, string>,
  { emit }: Context,
): void {
  if (sparse > 0)
    emit({
      type: "warning",
      message: `the checkout ${tree.directory} is sparse: ${sparse} of its tracked files count only where they are on disk`,
      hint: "`git sparse-checkout disable` brings all of them",
    });
  if (tree.wrongIgnoreCase)
    emit({
      type: "warning",
      message: `core.ignoreCase is true in ${tree.directory}, whose disk tells cases apart: names and ignore rules count exactly as they are written`,
      hint: "`git config core.ignoreCase false`, as git itself would then see a file renamed by case alone",
    });
  const links = tree.symlinks ? 0 : found.filter((file) => isFlattened(file, modes)).length;
  if (links > 0)
    emit({
      type: "warning",
      message: `core.symlinks is false in ${tree.directory}: ${links} of its tracked symlinks count as the files they are here`,
      hint: "where symlinks are possible, `git config core.symlinks true` and check the files out again",
    });
}

function isFlattened({ path, type }: Found, modes: ReadonlyMap<BytePath, string>): boolean {
  return type === "file" && modes.get(path) === "120000";
}
