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

export const listingArgs = ["ls-files", "-z", "-t", "--stage", "--cached", "--others", "--exclude-standard"];
export const ignoredArgs = [
  ...["ls-files", "-z", "--others", "--ignored"],
  ...["--exclude-standard", "--directory", "--no-empty-directory"],
];
export const statusArgs = [
  ...["status", "-z", "--porcelain=v2", "--branch", "--no-ahead-behind"],
  ...["--untracked-files=no", "--ignore-submodules=dirty", "--no-renames", "--", "."],
];

/** Parses `git` + `listingArgs`: `H <mode> <id> <stage>\t<path>` for tracked paths, `? <path>` for others. */
export function parseListing(output: Buffer): Listing {
  const files = new Set<BytePath>();
  const submodules = new Set<BytePath>();
  const nested: BytePath[] = [];
  let untracked = false;
  for (const record of records(output)) {
    const tracked = /^[A-Z] (\d{6}) [0-9a-f]+ \d\t/.exec(record);
    const path = toPath(record.slice(tracked?.[0].length ?? 2));
    if (tracked?.[1] === "160000") submodules.add(path);
    else if (tracked === null && path.endsWith("/")) nested.push(toPath(path.slice(0, -1)));
    else files.add(path);
    untracked ||= tracked === null;
  }
  return { files: [...files], submodules: [...submodules], nested, untracked };
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
