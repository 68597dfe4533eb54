import type { Env } from "../../system/exec.ts";

export type CiService = "github" | "gitea" | "forgejo" | "gitlab" | "buildkite" | "generic";

/** The CI service that this process runs in; null at a person's desk. Forgejo and Gitea also say that they are GitHub. */
export function ciService(env: Env): CiService | null {
  if (isSet(env.FORGEJO_ACTIONS)) return "forgejo";
  if (isSet(env.GITEA_ACTIONS)) return "gitea";
  if (isSet(env.GITHUB_ACTIONS)) return "github";
  if (isSet(env.GITLAB_CI)) return "gitlab";
  if (isSet(env.BUILDKITE)) return "buildkite";
  return isSet(env.CI) ? "generic" : null;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
}
