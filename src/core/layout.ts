/**
 * Version of the form in which a tree is published; docs/state-layout.md. Raise it when the same tree is published
 * differently than before: a snapshot of another version counts as absent. In version 1 all times were 1970.
 */
export const LAYOUT_VERSION = 2;

/**
 * The time of everything that is published, in seconds since 1970: 1980-01-02T00:00:00Z. Zip archives know no earlier
 * year than 1980, in local time, so 1 January would be too early west of Greenwich.
 */
export const PUBLISHED_TIME = 315_619_200;

/**
 * Git's index, below a published directory. It is one second younger than the files that it lists, since git reads every
 * file that is as young as the index: it might have changed after the index was written.
 */
export const GIT_INDEX = "snapshot/.git/index";

/** The time of a path below a published directory, in seconds since 1970. */
export function publishedTime(path: string): number {
  return path === GIT_INDEX ? PUBLISHED_TIME + 1 : PUBLISHED_TIME;
}
