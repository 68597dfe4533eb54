import type { Env } from "../system/exec.ts";

/** Revisions to try in order as the base of a comparison, and where they come from. */
export interface BaseCandidate {
  readonly source: string;
  readonly revisions: readonly string[];
}

type Read = (value: string, env: Env) => readonly string[];

/** The first variable that says something counts: pull and merge requests first, then pushes. */
const VARIABLES: readonly (readonly [string, Read])[] = [
  ["CI_MERGE_REQUEST_DIFF_BASE_SHA", commit],
  ["CI_MERGE_REQUEST_TARGET_BRANCH_NAME", branch],
  ["GITHUB_BASE_REF", branch],
  ["BUILDKITE_PULL_REQUEST_BASE_BRANCH", branch],
  ["CHANGE_TARGET", branch],
  ["SYSTEM_PULLREQUEST_TARGETBRANCH", branch],
  ["BITBUCKET_PR_DESTINATION_BRANCH", branch],
  ["CI_COMMIT_TARGET_BRANCH", branch],
  ["DRONE_TARGET_BRANCH", (value, env) => (env.DRONE_BUILD_EVENT === "pull_request" ? branch(value) : [])],
  ["TRAVIS_BRANCH", (value, env) => ((env.TRAVIS_PULL_REQUEST ?? "false") === "false" ? [] : branch(value))],
  ["CI_COMMIT_BEFORE_SHA", commit],
];

/** What the CI service says this change is to be compared with; null when it says nothing. */
export function baseFromEnv(env: Env): BaseCandidate | null {
  for (const [name, read] of VARIABLES) {
    const revisions = read(env[name]?.trim() ?? "", env);
    if (revisions.length > 0) return { source: `$${name}`, revisions };
  }
  return null;
}

/** Whether a CI service runs this: `CI` is set to something but `false`. */
export function inCi(env: Env): boolean {
  return !["", "0", "false"].includes((env.CI ?? "").toLowerCase());
}

function branch(value: string): string[] {
  const name = value.replace(/^refs\/heads\//, "");
  return name === "" ? [] : [`refs/remotes/origin/${name}`, `refs/heads/${name}`];
}

/** Forty zeros stand for "no commit before this one". */
function commit(value: string): string[] {
  return /^[0-9a-f]{40,64}$/.test(value) && !/^0+$/.test(value) ? [value] : [];
}
