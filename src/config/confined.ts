import { ConfigError, SnapshotRefused } from "../core/errors.ts";
import type { JobSpec } from "../core/job.ts";
import { confinedPath } from "../nix/confine.ts";
import { formatPath } from "./issues.ts";
import { refusedError } from "./stranger.ts";

/** Checks, before anything is sent, that client paths which must be inside the tree are. ConfigError names each that is not. */
export function checkConfined(jobs: readonly Pick<JobSpec, "name" | "prepare">[], workspace: string): void {
  const problems = jobs.flatMap(({ name: job, prepare }) =>
    Object.entries(prepare).flatMap(([name, spec]) => {
      const problem = spec.kind === "path" && spec.confined ? confineProblem(workspace, spec.path) : null;
      return problem === null ? [] : [`${formatPath(["jobs", job, "prepare", name, "path"])}: ${problem}`];
    }),
  );
  if (problems.length > 0) throw refusedError(problems);
}

/** Ignores a path that does not exist yet: the stage that reads it reports that. */
function confineProblem(workspace: string, path: string): string | null {
  try {
    confinedPath(workspace, path);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    if (error instanceof SnapshotRefused) return null;
    throw error;
  }
}
