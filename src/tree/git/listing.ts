import { type BytePath, toPath } from "../../core/byte-path.ts";
import type { SourceInfo } from "../../core/snapshot.ts";

/** What `git ls-files` counts in one repository, paths relative to the listed directory. */
export interface Listing {
  /** Tracked, or untracked and not ignored; each once. */
  readonly files: readonly BytePath[];
  /** Tracked directories that are other repositories. */
  readonly submodules: readonly BytePath[];
  /** Untracked directories that are repositories of their own. */
  readonly nested: readonly BytePath[];
  readonly untracked: boolean;
  /** How many tracked files a sparse checkout leaves out, though they may be on disk. */
  readonly sparse: number;
}

/** `-v` prints a lower-case tag for files that git is told to assume unchanged. */
export const trackedArgs = ["ls-files", "-z", "-v", "--stage", "--cached"];
export const othersArgs = ["ls-files", "-z", "-t", "--others", "--exclude-standard"];
export const ignoredArgs = [
  ...["ls-files", "-z", "--others", "--ignored"],
  ...["--exclude-standard", "--directory", "--no-empty-directory"],
];
export const statusArgs = [
  ...["status", "-z", "--porcelain=v2", "--branch", "--no-ahead-behind"],
  ...["--untracked-files=no", "--ignore-submodules=dirty", "--no-renames", "--", "."],
];

/** The beginning of a submodule's mode, 160000. A file's is 100644 or 100755, a symlink's 120000. */
const GITLINK = "16";

/**
 * Parses what `git` + `trackedArgs` or `git` + `othersArgs` said: `H <mode> <id> <stage>\t<path>`
 * for tracked paths, `? <path>` for others.
 */
export function parseListing(output: Buffer): Listing {
  const files: BytePath[] = [];
  const submodules = new Set<BytePath>();
  const nested: BytePath[] = [];
  let untracked = false;
  let sparse = 0;
  let unmerged: string | null = null;
  const text = output.toString("latin1");
  for (let start = 0, end = text.indexOf("\0"); end >= 0; start = end + 1, end = text.indexOf("\0", start)) {
    if (text[start] === "?") {
      untracked = true;
      if (text[end - 1] === "/") nested.push(toPath(text.slice(start + 2, end - 1)));
      else files.push(toPath(text.slice(start + 2, end)));
      continue;
    }
    if (text[start] === "S" || text[start] === "s") sparse += 1;
    const tab = text.indexOf("\t", start);
    const path = toPath(text.slice(tab + 1, end));
    const isMerged = text[tab - 1] === "0";
    if (!isMerged && path === unmerged) continue;
    unmerged = isMerged ? null : path;
    if (text.startsWith(GITLINK, start + 2)) submodules.add(path);
    else files.push(path);
  }
  return { files, submodules: [...submodules], nested, untracked, sparse };
}

/** The modes in the index, such as `100755`, of what `git` + `trackedArgs` said. */
export function indexModes(output: Buffer): ReadonlyMap<BytePath, string> {
  return new Map(
    records(output).map((record) => [toPath(record.slice(record.indexOf("\t") + 1)), record.slice(2, 8)]),
  );
}

/** Parses `git` + `ignoredArgs`: topmost ignored paths; a directory keeps its trailing slash. */
export function parseIgnored(output: Buffer): BytePath[] {
  const paths = records(output).map(toPath).sort();
  let top = "";
  return paths.filter((path) => {
    const below = top !== "" && path.startsWith(top);
    if (!below && path.endsWith("/")) top = path;
    return !below;
  });
}

/** HEAD, and whether tracked files differ from it. */
export type HeadState = Pick<SourceInfo, "git_head" | "git_dirty">;

/** Parses `git` + `statusArgs`: HEAD, null before the first commit, and whether tracked files differ from it. */
export function parseStatus(output: Buffer): HeadState {
  const lines = records(output);
  const head = lines.find((line) => line.startsWith("# branch.oid "))?.slice("# branch.oid ".length);
  return {
    git_head: head !== undefined && /^[0-9a-f]{40,64}$/.test(head) ? head : null,
    git_dirty: lines.some((line) => !line.startsWith("# ")),
  };
}

function records(output: Buffer): string[] {
  return output
    .toString("latin1")
    .split("\0")
    .filter((record) => record !== "");
}
