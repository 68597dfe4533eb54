import type { BytePath } from "../core/byte-path.ts";
import { NO_SOURCE } from "../core/no-source.ts";
import type { LeftOut, SourceInfo } from "../core/snapshot.ts";
import type { Found } from "./looking/look.ts";
import type { Evidence } from "./recall/evidence.ts";

/** The paths that a snapshot may contain, before the project's filters; relative to the workspace, none twice. */
export interface Candidates {
  /** What exists on disk, including sockets, FIFOs and devices unless they are ignored. */
  readonly found: readonly Found[];
  /** Known only outside git; they are also in `found`. */
  readonly emptyDirectories: readonly BytePath[];
  readonly leftOut: readonly LeftOut[];
  /** As `Snapshot.keepModes`. */
  readonly keepModes: boolean;
  readonly source: Source;
  /** What else was seen; null where that does not tell whether another look would find the same paths. */
  readonly evidence: Evidence | null;
}

/** Finds the commit that a tree is based on. It is given all stats, so that unchanged files need no second `lstat`. */
export type Source = (stats: readonly string[]) => Promise<SourceInfo>;

/** Outside git. */
export const noSource: Source = async () => NO_SOURCE;
