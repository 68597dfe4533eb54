import pLimit from "p-limit";
import type { Context } from "../core/context.ts";
import { abortError } from "../core/errors.ts";
import type { Prepared } from "../core/prepared.ts";
import type { Project } from "../core/project.ts";
import type { JobRecord } from "../core/run-record.ts";
import type { Published } from "../core/snapshot.ts";
import { collect } from "../guest/collect.ts";
import { execute, launchDetached } from "../guest/execute.ts";
import type { JobWithRunner } from "../guest/render-jobs.ts";
import type { HostLink } from "../remote/host-link.ts";
import { rememberJob } from "../runs/cached-jobs.ts";
import { withHint } from "../runs/explain-exit.ts";
import type { Recorder } from "../runs/recorder.ts";
import { publishedFor } from "./git-tree.ts";
import { stages } from "./stage-events.ts";

/** Jobs with all that they need on the host. */
export interface JobInput {
  readonly project: Project;
  readonly jobs: readonly JobWithRunner[];
  readonly detach: boolean;
  readonly published: Published;
  /** The published tree with its repository; null when no job sees one. */
  readonly withGit: Published | null;
  readonly prepared: Prepared;
  readonly link: HostLink;
}

/** Runs all jobs, a limited number at once; a job that fails with an error does not end the others. */
export async function runJobs(input: JobInput, recorder: Recorder, context: Context): Promise<void> {
  const limit = pLimit(input.project.limits.jobs);
  await Promise.all(
    input.jobs.map((ready) =>
      limit(async () => {
        try {
          const record = await runJob(ready, input, recorder, context);
          recorder.job(record);
          rememberJob(record, recorder, context);
        } catch (error) {
          recorder.jobFailed(ready.job.name, error);
        }
      }),
    ),
  );
}

async function runJob(
  { job, runner }: JobWithRunner,
  { project, published, withGit, prepared, link, detach }: JobInput,
  recorder: Recorder,
  context: Context,
): Promise<JobRecord> {
  if (context.signal.aborted) throw abortError(context.signal);
  const stage = stages(context, job.name);
  const { artifactBytes } = project.limits;
  const launch = {
    runId: recorder.runId,
    job,
    published: publishedFor(job, published, withGit),
    prepared,
    runner,
    artifactBytes,
    projectId: project.id,
  };
  if (detach) return stage("execute", () => launchDetached(launch, link.session, context));
  const execution = await stage("execute", () => execute(launch, link, context));
  if (execution.fault !== null) recorder.noteJobError(execution.fault);
  const directory = recorder.jobDirectory(job.name);
  const record = await stage("collect", () => collect(execution, directory, context));
  return withHint(record, directory, context);
}
