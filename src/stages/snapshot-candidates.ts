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
  readonly source: SourceInfo;
}
