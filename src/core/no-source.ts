import type { SourceInfo } from "./snapshot.ts";

/** The source of a tree without a known commit. */
export const NO_SOURCE: SourceInfo = {
  git_head: null,
  git_dirty: false,
  git_branch: null,
  git_subject: null,
};
