import { loadProjectOrBare } from "../config/bare.ts";
import { selectHost } from "../config/host.ts";
import { recordedHost } from "../config/recorded-host.ts";
import type { Context } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import { type JobName, parseRunId } from "../core/ids.ts";
import type { HostSpec, Project } from "../core/project.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import { collect } from "../guest/collect.ts";
import { follow } from "../guest/follow.ts";
import { type JobOnHost, jobsOnHost } from "../guest/jobs-on-host.ts";
import { HostLink, openPlainSession } from "../remote/host-link.ts";
import { withHint } from "../runs/explain-exit.ts";
import { jobFile } from "../runs/layout.ts";
import { openOwnRun } from "../runs/own-run.ts";
import { Recorder } from "../runs/recorder.ts";
import { rememberJob } from "../runs/remember-job.ts";
import { judgeOf } from "../runs/reports/judge.ts";
import type { FileDigests } from "../runs/sealed-record.ts";
import { findStoredJob } from "../runs/specs.ts";
import { closedJob, newRecord, pendingJob } from "../runs/transitions.ts";
import { makeDirectory, removeFile, removeTree } from "../system/client-files.ts";
import { liveness, thisProcess } from "../system/process-identity.ts";

interface AttachRequest {
  /** Run id, prefix or `latest`; with `host` and without a record here, the whole run id. */
  readonly run: string;
  /** As for `run`; null: the host of the record. */
  readonly host: string | null;
  readonly config: string | null;
  /** Follows what still runs; else only what has ended is fetched. */
  readonly wait: boolean;
  /** Whether a run that is `flaky` has the exit code 1; absent: 0. */
  readonly failOnFlaky?: boolean;
}

/** Whether the host may hold results of a run that its record lacks. */
export function isOpen({ state, exit_code, error, jobs }: RunRecord): boolean {
  if (state !== "finished") return state === "detached";
  const unheard = jobs.some(({ result }) => result?.status === "infra" && result.started_at === null);
  return exit_code === null || (error?.kind === "infra" && unheard);
}

/**
 * Follows a run that has no client, fetches its results and finishes its record; of a finished run it only reports the record.
 * UsageError, InfraError; when the user leaves before the run's end, the record stays as it was.
 */
export async function attachRun(request: AttachRequest, context: Context): Promise<RunRecord> {
  const project = await loadProjectOrBare(context.workspace, request.config, context);
  const named = request.host === null ? null : await selectHost(project, request.host, context);
  const { record, digests } = recordOf(request.run, named, project, context);
  if (record.state === "running") throw underWay(record);
  if (!isOpen(record)) return record;
  const host = named ?? recordedHost(project, record);
  const visit = { host, runId: record.run_id, as: "observer" } as const;
  const session = await openPlainSession(visit, context);
  const link = new HostLink(session, visit, context);
  try {
    const known = await jobsOnHost(record.run_id, session, context);
    const found = { record: withJobs(record, known), digests, known, project, host };
    return await fetchAll(found, request, link, context);
  } finally {
    await link.close();
  }
}

/** A record with the digests of its files. */
interface Attached {
  readonly record: RunRecord;
  readonly digests: FileDigests;
}

function recordOf(run: string, host: HostSpec | null, project: Project, context: Context): Attached {
  try {
    const { record, digests } = openOwnRun(context, run);
    return { record, digests: digests ?? {} };
  } catch (error) {
    if (!(error instanceof UsageError) || host === null) throw error;
    const start = { runId: parseRunId(run), projectId: project.id, host, client: thisProcess() };
    const record = newRecord({ ...start, now: context.clock() });
    return { record: { ...record, state: "detached" }, digests: {} };
  }
}

function underWay({ run_id, client }: RunRecord): UsageError {
  const where = liveness(client) === "alive" ? "" : ` on ${client.hostname}`;
  return new UsageError(`run ${run_id} has a client${where} that follows it`, {
    hint: `\`pikaci logs -f ${run_id}\` shows what it says`,
  });
}

/** A record that was made here for a run of another machine knows no jobs. */
function withJobs(record: RunRecord, known: readonly JobOnHost[]): RunRecord {
  const jobs = record.jobs.length > 0 ? record.jobs : known.map(({ job }) => pendingJob(job));
  return { ...record, jobs };
}

/** A record with its project, and what the host knows about its jobs. */
interface Found extends Attached {
  readonly project: Project;
  readonly host: HostSpec;
  readonly known: readonly JobOnHost[];
}

async function fetchAll(
  { record, digests, known, project, host }: Found,
  request: AttachRequest,
  link: HostLink,
  context: Context,
): Promise<RunRecord> {
  const wanted = wantedJobs(record, known, request);
  const recorder = new Recorder(
    {
      runId: record.run_id,
      projectId: record.project_id,
      host,
      failOnFlaky: request.failOnFlaky ?? false,
      onFailure: () => {},
      earlier: { ...record, state: "detached", error: null },
      digests,
    },
    context,
  );
  recorder.maskSecrets(
    Object.values(project.jobs).filter(({ name }) => wanted.some(({ job }) => job === name)),
  );
  const jobs = wanted.map(({ job }) => job);
  const started = { runId: record.run_id, target: record.target, host: record.host, jobs };
  recorder.emit({ type: "run-started", ...started });
  const inner = { ...context, emit: recorder.emit };
  const { artifactBytes } = project.limits;
  const settled = await Promise.allSettled(
    wanted.map((job) => fetchJob(job, { recorder, artifactBytes }, link, inner)),
  );
  if (request.wait) for (const job of unknownJobs(record, known, host, context)) recorder.job(job);
  const broken = settled.find((one) => one.status === "rejected");
  if (broken === undefined && !recorder.hasRunning()) return recorder.finish(null);
  const left = recorder.detach();
  if (broken !== undefined) throw broken.reason;
  return left;
}

/** Jobs without a result of the guard here that may have one on the host. */
function wantedJobs(record: RunRecord, known: readonly JobOnHost[], { wait }: AttachRequest): JobRecord[] {
  return record.jobs
    .filter(({ result }) => result === null || result.status === "cancelled" || result.status === "infra")
    .filter(({ job }) => {
      const there = known.find((one) => one.job === job);
      return there !== undefined && (wait || !there.lives);
    });
}

/** Jobs that the record says are under way, and that the host has nothing of: nobody will ever hear of them. */
function unknownJobs(
  { jobs, run_id }: RunRecord,
  known: readonly JobOnHost[],
  { url }: HostSpec,
  { clock }: Context,
): JobRecord[] {
  const message = `${url} has nothing of this job: it was never launched there, or it was removed`;
  return jobs
    .filter(({ job, result }) => result === null && !known.some((one) => one.job === job))
    .map((job) => closedJob(job, run_id, { status: "infra", message, at: clock() }));
}

async function fetchJob(
  job: JobRecord,
  { recorder, artifactBytes }: { readonly recorder: Recorder; readonly artifactBytes: number },
  link: HostLink,
  context: Context,
): Promise<void> {
  const directory = recorder.jobDirectory(job.job);
  makeDirectory(directory);
  removeFile(jobFile.guestLog(directory));
  removeTree(jobFile.artifacts(directory));
  removeTree(jobFile.serviceLogs(directory));
  const followed = {
    base: { ...job, state: "running" as const },
    runId: recorder.runId,
    job: job.job,
    artifactBytes,
    own: false,
    collect: true,
    offset: 0,
    phases: 0,
    workspace: null,
  };
  const execution = await follow(followed, link, context, null);
  const judge = judgeOf(findStoredJob(recorder.directory, job.job) ?? {}, directory);
  const fetched = withHint(await collect(execution, directory, context, judge), directory, context);
  recorder.job(fetched);
  rememberJob(fetched, recorder, context);
}

/** The error for a job that a run does not have. */
export function noSuchJob(record: RunRecord, job: string): UsageError {
  const names: JobName[] = record.jobs.map((one) => one.job);
  return new UsageError(`run ${record.run_id} has no job ${JSON.stringify(job)}`, {
    hint: `its jobs are ${names.join(", ") || "none"}`,
  });
}
