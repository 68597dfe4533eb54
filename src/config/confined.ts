import { ConfigError, SnapshotRefused } from "../core/errors.ts";
import type { JobSpec } from "../core/job.ts";
import { confinedPath } from "../nix/confine.ts";
import { formatPath } from "./issues.ts";
import { refusedError } from "./stranger.ts";

/** Before anything is sent: client paths that have to lie in the tree do. ConfigError names each that does not. */
export function checkConfined(jobs: readonly Pick<JobSpec, "name" | "prepare">[], workspace: string): void {
  const problems = jobs.flatMap(({ name: job, prepare }) =>
    Object.entries(prepare).flatMap(([name, spec]) => {
      const problem = spec.kind === "path" && spec.confined ? confineProblem(workspace, spec.path) : null;
      return problem === null ? [] : [`${formatPath(["jobs", job, "prepare", name, "path"])}: ${problem}`];
    }),
  );
  if (problems.length > 0) throw refusedError(problems);
}

/** A path that is not there yet is for the stage that reads it. */
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
