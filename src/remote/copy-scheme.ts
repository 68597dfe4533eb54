/** The URL scheme that `nix copy` uses for a host. */
export type CopyScheme = "ssh" | "ssh-ng";

/** The first version whose daemon says whether it trusts an account; before, only `ssh://` lets the host decide. */
const HOST_SINCE = [2, 14];
/** The oldest client that was tested. */
const CLIENT_SINCE = [2, 8];

/**
 * `ssh-ng` sends a closure in one go, where `ssh` waits a round trip for each path; docs/closures.md has the figures.
 * Without a readable version, `ssh` is used.
 */
export function copyScheme(client: string, host: string): CopyScheme {
  return reaches(client, CLIENT_SINCE) && reaches(host, HOST_SINCE) ? "ssh-ng" : "ssh";
}

function reaches(version: string, [major = 0, minor = 0]: readonly number[]): boolean {
  const [, first, second] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (first === undefined || second === undefined) return false;
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}
