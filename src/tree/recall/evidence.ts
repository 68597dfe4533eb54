import type { BytePath } from "../../core/byte-path.ts";
import type { WorkTree } from "../../system/git.ts";
import type { Found } from "../looking/look.ts";
import type { SeenDirectory } from "../names.ts";
import type { Circumstances } from "./circumstances.ts";

/** What a snapshot saw on its way besides the files, so that it can be recalled as long as all of that is the same. */
export interface Evidence {
  readonly tree: WorkTree;
  readonly circumstances: Circumstances;
  /** Every path on disk that git counts, also those that the project's filters leave out. */
  readonly found: readonly Found[];
  /** Every directory that was looked into for files that git counts. */
  readonly directories: readonly SeenDirectory[];
  /** As git names them: a directory ends in a slash. */
  readonly ignored: readonly BytePath[];
  readonly untracked: boolean;
}
