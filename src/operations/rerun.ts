import { loadProjectOrBare } from "../config/bare.ts";
import { selectHost } from "../config/host.ts";
import { recordedHost } from "../config/recorded-host.ts";
import type { Context } from "../core/context.ts";
import { InfraError, UsageError } from "../core/errors.ts";
import { type NixOptions, planSchema } from "../core/plan.ts";
import type { RunRecord } from "../core/run-record.ts";
import { checkSecrets } from "../guest/secrets.ts";
import { checkOverrides, nixFor } from "../nix/options.ts";
import type { CacheMode } from "../runs/cached-jobs.ts";
import { runFile } from "../runs/layout.ts";
import { openOwnRun } from "../runs/own-run.ts";
import { readJson } from "../system/client-files.ts";
import { checkAuthor } from "./author.ts";
import { checkDetach } from "./detach.ts";
import { earlierSnapshot } from "./earlier.ts";
import { makePlan } from "./plan.ts";
import { repeatedJobs } from "./repeated-jobs.ts";
import { recorded } from "./run.ts";

interface RerunRequest {
  /** Run id, prefix or `latest`. */
  readonly run: string;
  readonly failedOnly: boolean;
  /** Null: where it ran. */
  readonly host: string | null;
  readonly config: string | null;
  readonly detach: boolean;
  /** Whether a run that is `flaky` has the exit code 1; absent: 0. */
  readonly failOnFlaky?: boolean;
  /** Absent: the Nix options of the earlier run. */
  readonly nix?: NixOptions;
}

/**
 * Runs jobs of an earlier run again: its exact snapshot and the jobs as they were then, whatever the workspace and the
 * configuration are now. Throws UsageError, ConfigError, TrustError and InfraError before there is a record; of later errors,
 * UsageError and ConfigError before the snapshot is known remove it again, the others are in it.
 */
export async function rerun(request: RerunRequest, context: Context): Promise<RunRecord> {
  const { record, directory, digests } = openOwnRun(context, request.run);
  if (record.snapshot === null)
    throw new UsageError(`run ${record.run_id} ended before its snapshot was taken`, {
      hint: "`pikaci run` takes the tree as it is now",
    });
  const { snapshot } = record;
  const { jobs, handed } = repeatedJobs(
    { record, directory, digests },
    request.failedOnly ? "failed" : "all",
  );
  checkAuthor(jobs, context.author);
  const project = await loadProjectOrBare(context.workspace, request.config, context);
  const origin = recordedHost(project, record);
  const host = request.host === null ? origin : await selectHost(project, request.host, context);
  const nix =
    request.nix === undefined ? storedNix(runFile.plan(directory)) : nixFor(context.author, request.nix);
  checkOverrides(nix, host);
  const { id: projectId, flake } = project;
  const { target } = record;
  const plan = makePlan({ nix, projectId, target, host, jobs, skipped: [], flakeFiles: flake.files });
  const cache: CacheMode = "refresh";
  checkSecrets(jobs, context.env);
  if (request.detach) checkDetach(jobs);
  const { failOnFlaky = false } = request;
  return recorded({ host, jobs, failOnFlaky }, context, async (recorder, inner, way) => {
    const { runPipeline } = await import("./pipeline.ts");
    const input = {
      project,
      host,
      plan,
      jobs,
      cache,
      repair: false,
      verify: false,
      detach: request.detach,
      exact: earlierSnapshot(snapshot, origin),
      handed,
      nix,
      way,
    };
    return runPipeline(input, recorder, inner);
  });
}

/** The Nix options of an earlier run. InfraError("client"). */
function storedNix(path: string): NixOptions {
  try {
    return planSchema.parse(readJson(path)).nix;
  } catch (cause) {
    throw new InfraError("client", `what the run was to do cannot be read from ${path}`, {
      hint: "`pikaci run` runs the jobs as they are now",
      cause,
    });
  }
}
