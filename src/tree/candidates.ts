import type { BytePath } from "../core/byte-path.ts";
import { NO_SOURCE } from "../core/no-source.ts";
import type { LeftOut, SourceInfo } from "../core/snapshot.ts";
import type { Found } from "./looking/look.ts";

/** What could be in a snapshot before the project's filters; paths relative to the workspace, none twice. */
export interface Candidates {
  /** What was there when it was looked at: sockets, FIFOs and devices as well, unless an ignore rule covers them. */
  readonly found: readonly Found[];
  /** Only a plain walk knows them; they are among what was found. */
  readonly emptyDirectories: readonly BytePath[];
  readonly leftOut: readonly LeftOut[];
  /** As `Snapshot.keepModes`. */
  readonly keepModes: boolean;
  readonly source: Source;
}

/** What the tree was made from, given the `stat` of everything that was found: unchanged files need no second look. */
export type Source = (stats: readonly string[]) => Promise<SourceInfo>;

/** Outside git. */
export const noSource: Source = async () => NO_SOURCE;
