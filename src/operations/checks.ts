import { wantsChecks, withCheckJobs } from "../config/check-jobs.ts";
import { refusedError } from "../config/stranger.ts";
import type { Context } from "../core/context.ts";
import type { NixOptions } from "../core/plan.ts";
import type { HostSpec, Project } from "../core/project.ts";
import { flakeCheckNames } from "../nix/flake-checks.ts";
import { selectFiles } from "../nix/select-files.ts";
import { connect } from "../remote/connect.ts";
import { openSession } from "../remote/session.ts";
import { findHostView, rememberHost } from "../runs/host-view.ts";
import { newRunId } from "../system/run-id.ts";
import { hash } from "../tree/hash.ts";
import { snapshot } from "../tree/snapshot.ts";

/** What jobs are selected from, before the checks are known. */
export interface Wanted {
  readonly target: string | null;
  readonly jobs: readonly string[];
}

/**
 * The project with the checks of its flake as jobs, where `wanted` may name them: those of the tree as it is now, for the
 * host's system. The host is asked only for a system that this machine does not remember. ConfigError, InfraError,
 * SnapshotRefused.
 */
export async function findChecks(
  project: Project,
  wanted: Wanted,
  host: HostSpec,
  nix: NixOptions,
  context: Context,
): Promise<Project> {
  if (!wantsChecks(project, wanted.target, wanted.jobs)) return project;
  if (context.author === "stranger")
    throw refusedError(["checks: this machine does not evaluate a stranger's flake"]);
  const quiet = { ...context, emit: () => {} };
  const tree = await snapshot({ workspace: project.workspace, filters: project.filters }, quiet);
  const whole = await hash(tree, quiet);
  const selected = selectFiles(whole, project.flake.files);
  const system = findHostView(host.url, context)?.system ?? (await askSystem(host, quiet));
  const names = await flakeCheckNames({ whole, selected, system, nix }, context);
  return withCheckJobs(project, system, names);
}

/** Drops warnings, since the run itself repeats them. */
async function askSystem(host: HostSpec, context: Context): Promise<string> {
  const connection = await connect(host, context);
  try {
    const runId = newRunId(context.clock());
    const asked = { runId, projectId: "", contentHash: null, runners: [], backends: [], observer: true };
    const session = await openSession(connection, asked, context);
    rememberHost(session, context);
    return session.facts.system;
  } finally {
    await connection.close();
  }
}
