import { PikaciError } from "../core/errors.ts";
import type { JobName, RunId } from "../core/ids.ts";
import type { JobResult, Status } from "../core/job-result.ts";
import type { HostSpec } from "../core/project.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { HashedSnapshot, Published } from "../core/snapshot.ts";
import { type OnFlaky, type Verdict, verdictOfError, verdictOfJobs } from "./verdict.ts";

/** What a record keeps of its host. */
type RecordedHost = Pick<HostSpec, "name" | "url" | "workDir">;

/** The first record of a run. */
export function newRecord(start: {
  readonly runId: RunId;
  readonly projectId: string;
  readonly host: RecordedHost;
  readonly now: Date;
  readonly client: RunRecord["client"];
}): RunRecord {
  return {
    schema_version: SCHEMA_VERSION,
    run_id: start.runId,
    project_id: start.projectId,
    target: null,
    host: start.host.url,
    host_name: start.host.name,
    work_dir: start.host.workDir,
    state: "running",
    status: null,
    exit_code: null,
    created_at: start.now.toISOString(),
    finished_at: null,
    client: start.client,
    snapshot: null,
    jobs: [],
    error: null,
  };
}

export function pendingJob(job: JobName): JobRecord {
  return {
    job,
    state: "pending",
    result: null,
    runner: null,
    prepared: {},
    workspace: null,
    artifacts: [],
    artifacts_left_out: [],
  };
}

interface JobEnd {
  readonly status: Status;
  readonly message: string;
  readonly at: Date;
}

/** The record of a job that ended without a result from the guard; uses the first line of the message. */
export function closedJob(record: JobRecord, runId: RunId, { status, message, at }: JobEnd): JobRecord {
  const result: JobResult = {
    schema_version: SCHEMA_VERSION,
    run_id: runId,
    job: record.job,
    status,
    exit_code: null,
    signal: null,
    timed_out: status === "timeout",
    started_at: null,
    finished_at: at.toISOString(),
    duration_ms: null,
    message: message.split("\n", 1)[0] ?? "",
  };
  return { ...record, state: "finished", result };
}

/** A job that does not run because jobs that it needs did not pass. */
export function blockedJob(
  record: JobRecord,
  runId: RunId,
  {
    reason,
    blockedBy,
    at,
  }: { readonly reason: string; readonly blockedBy: readonly JobName[]; readonly at: Date },
): JobRecord {
  return { ...closedJob(record, runId, { status: "skipped", message: reason, at }), blocked_by: blockedBy };
}

/** A job of a run that begins at `at`; `skipped` says why it does not run, null that it does. */
export function plannedJob(job: JobName, runId: RunId, skipped: string | null, at: Date): JobRecord {
  const pending = pendingJob(job);
  return skipped === null ? pending : closedJob(pending, runId, { status: "skipped", message: skipped, at });
}

export function withJob(record: RunRecord, job: JobName, change: (old: JobRecord) => JobRecord): RunRecord {
  return { ...record, jobs: record.jobs.map((old) => (old.job === job ? change(old) : old)) };
}

export function withSnapshot(
  record: RunRecord,
  hashed: HashedSnapshot,
  published: Published | null,
): RunRecord {
  return {
    ...record,
    snapshot: {
      content_hash: hashed.contentHash,
      file_count: hashed.fileCount,
      byte_count: hashed.byteCount,
      source: hashed.snapshot.source,
      outcome: published?.outcome ?? null,
      bytes_sent: published?.bytesSent ?? 0,
    },
  };
}

/**
 * The final record of a run whose stages are all done; a job without a result is `infra`. `jobError` is the first error that
 * left a job without a result. It becomes the run's error, with its hint, unless the run was cancelled.
 */
export function finished(
  record: RunRecord,
  cancelCode: number,
  now: Date,
  jobError: unknown = null,
  onFlaky: OnFlaky = "pass",
): RunRecord {
  const closed = closeJobs(record, {
    status: "infra",
    message: "the run ended without this job's result",
    at: now,
  });
  const results = closed.jobs.map((job) => job.result);
  const final = ended(closed, verdictOfJobs(results, cancelCode, onFlaky), now);
  const told = jobError !== null && final.status !== "cancelled";
  return told ? { ...final, error: describeError(jobError) } : final;
}

/** The final record of a run that an error ended; its unfinished jobs get the error's verdict. */
export function failed(record: RunRecord, error: unknown, now: Date): RunRecord {
  const verdict = verdictOfError(error);
  const described = describeError(error);
  const closed = closeJobs(record, {
    status: verdict.status,
    message: `did not finish: ${described.message}`,
    at: now,
  });
  return { ...ended(closed, verdict, now), error: described };
}

/** The final record of a run whose client died, without an exit code. */
export function abandoned(record: RunRecord, lastSign: Date): RunRecord {
  const error = { kind: "cancelled", message: "client was killed", hint: "`pikaci run` starts anew" };
  const closed = closeJobs(record, { status: "cancelled", message: error.message, at: lastSign });
  return { ...closed, state: "finished", status: "cancelled", finished_at: lastSign.toISOString(), error };
}

function describeError(error: unknown): NonNullable<RunRecord["error"]> {
  if (error instanceof PikaciError)
    return { kind: error.kind, message: error.message, hint: error.hint ?? null };
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: "internal",
    message,
    hint: "this is a bug in pikaci: please report it with the run's host.log",
  };
}

function closeJobs(record: RunRecord, end: JobEnd): RunRecord {
  const close = (job: JobRecord) =>
    job.result === null ? closedJob(job, record.run_id, end) : { ...job, state: "finished" as const };
  return { ...record, jobs: record.jobs.map(close) };
}

function ended(record: RunRecord, verdict: Verdict, now: Date): RunRecord {
  return {
    ...record,
    state: "finished",
    status: verdict.status,
    exit_code: verdict.exitCode,
    finished_at: now.toISOString(),
  };
}
