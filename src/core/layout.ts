/**
 * Version of the form in which a tree is published; docs/state-layout.md. Raised when the same tree is published
 * otherwise than before: a snapshot of another version counts as absent. 1: all times were 1970.
 */
export const LAYOUT_VERSION = 2;

/**
 * The time of everything that is published, in seconds since 1970: 1980-01-02T00:00:00Z. Zip archives know no earlier
 * year than 1980, in local time, so 1 January would be too early west of Greenwich.
 */
export const PUBLISHED_TIME = 315_619_200;

/**
 * Git's index, below a published directory: one second younger than the files that it is about. To git a file as young as
 * the index may have changed since, so that it would read each of them.
 */
export const GIT_INDEX = "snapshot/.git/index";

/** The time of a path below a published directory, in seconds since 1970. */
export function publishedTime(path: string): number {
  return path === GIT_INDEX ? PUBLISHED_TIME + 1 : PUBLISHED_TIME;
}
