import type { BytePath } from "./ids.ts";
import type { SourceInfo } from "./model.ts";
import { toPath } from "./paths.ts";

/** What `git ls-files` counts in one repository, paths relative to the listed directory. */
export interface Listing {
  /** Tracked, or untracked and not ignored; each once. */
  readonly files: readonly BytePath[];
  /** Tracked directories that are other repositories. */
  readonly submodules: readonly BytePath[];
  /** Untracked directories that are repositories of their own. */
  readonly nested: readonly BytePath[];
  readonly untracked: boolean;
}

/** `-v`: in lower case what git is told to assume unchanged. */
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

const QUESTION_MARK = 0x3f;
const SLASH = 0x2f;
const TAB = 0x09;
const STAGE_0 = 0x30;
/** How a submodule's mode starts: 160000; a file's is 100644 or 100755, a symlink's 120000. */
const [GITLINK_1, GITLINK_2] = [0x31, 0x36];

/**
 * Parses what `git` + `trackedArgs` or `git` + `othersArgs` said: `H <mode> <id> <stage>\t<path>`
 * for tracked paths, `? <path>` for others.
 */
export function parseListing(output: Buffer): Listing {
  const files: BytePath[] = [];
  const submodules = new Set<BytePath>();
  const nested: BytePath[] = [];
  let untracked = false;
  let unmerged: string | null = null;
  for (let start = 0, end = output.indexOf(0); end >= 0; start = end + 1, end = output.indexOf(0, start)) {
    if (output[start] === QUESTION_MARK) {
      untracked = true;
      if (output[end - 1] === SLASH) nested.push(pathIn(output, start + 2, end - 1));
      else files.push(pathIn(output, start + 2, end));
      continue;
    }
    const tab = output.indexOf(TAB, start);
    const path = pathIn(output, tab + 1, end);
    if (output[tab - 1] !== STAGE_0 && path === unmerged) continue;
    unmerged = output[tab - 1] === STAGE_0 ? null : path;
    if (output[start + 2] === GITLINK_1 && output[start + 3] === GITLINK_2) submodules.add(path);
    else files.push(path);
  }
  return { files, submodules: [...submodules], nested, untracked };
}

function pathIn(output: Buffer, start: number, end: number): BytePath {
  return toPath(output.toString("latin1", start, end));
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

/** Parses `git` + `statusArgs`: HEAD, null before the first commit, and whether tracked files differ from it. */
export function parseStatus(output: Buffer): SourceInfo {
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
