import type { SourceInfo } from "./snapshot.ts";

/** Of a tree that no commit is known of. */
export const NO_SOURCE: SourceInfo = {
  git_head: null,
  git_dirty: false,
  git_branch: null,
  git_subject: null,
};
