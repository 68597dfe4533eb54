import type { BytePath } from "../ids.ts";
import type { LeftOut, SourceInfo } from "../model.ts";

/** What could be in a snapshot before the project's filters; paths relative to the workspace. */
export interface Candidates {
  readonly files: readonly BytePath[];
  /** Only a plain walk knows them. */
  readonly emptyDirectories: readonly BytePath[];
  /** Sockets, FIFOs and devices that no ignore rule covers. */
  readonly specials: readonly BytePath[];
  readonly leftOut: readonly LeftOut[];
  readonly source: Source;
}

/** What the tree was made from, given the `stat` of everything that was found: unchanged files need no second look. */
export type Source = (stats: readonly string[]) => Promise<SourceInfo>;

/** Outside git. */
export const noSource: Source = async () => ({ git_head: null, git_dirty: false });
