/** The beginning of the name of every job that is a check of the flake. */
export const CHECK_PREFIX = "check.";
