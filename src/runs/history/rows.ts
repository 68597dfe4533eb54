import type { JobRecord } from "../../core/run-record.ts";
import { runFile } from "../layout.ts";
import type { StoredRun } from "../stored-runs.ts";
import { jobIdentity } from "./identity.ts";

/** Whose a run is: this account's, not certain to be (it has no seal), or nobody's, since its record cannot be read. */
type Kind = "own" | "foreign" | "broken";

/** A run as it is stored. */
export interface RunRow {
  readonly run_id: string;
  readonly kind: Kind;
  readonly state: string;
  readonly status: string | null;
  readonly target: string | null;
  readonly host: string;
  readonly created_at: number;
  readonly ms: number | null;
  readonly git_head: string | null;
  readonly git_subject: string | null;
  readonly error: string | null;
  readonly jobs: readonly JobRow[];
}

interface JobRow {
  readonly job: string;
  /** A verdict, or the state of a job without one. */
  readonly status: string;
  readonly ms: number | null;
  readonly identity: string | null;
  readonly has_reports: boolean;
}

/** What the database keeps of a record. */
export function runRow(run: StoredRun): RunRow {
  if (!("record" in run)) return brokenRow(run.runId, run.broken);
  const { record, digests, directory } = run;
  const { created_at, finished_at, snapshot } = record;
  const source = snapshot?.source ?? null;
  return {
    run_id: run.runId,
    kind: digests === null ? "foreign" : "own",
    state: record.state,
    status: record.status,
    target: record.target,
    host: record.host_name ?? record.host,
    created_at: Date.parse(created_at),
    ms: finished_at === null ? null : Math.max(0, Date.parse(finished_at) - Date.parse(created_at)),
    git_head: source?.git_head ?? null,
    git_subject: source?.git_subject ?? null,
    error: record.error?.message ?? null,
    jobs: record.jobs.map((job) => ({
      job: job.job,
      status: job.result?.status ?? job.state,
      ms: job.result?.duration_ms ?? null,
      identity: wasTried(job) ? jobIdentity(record, runFile.job(directory, job.job)) : null,
      has_reports: wasTried(job) && record.state === "finished" && hasReports(job),
    })),
  };
}

function brokenRow(run_id: string, error: string): RunRow {
  const nothing = { status: null, target: null, ms: null, git_head: null, git_subject: null };
  return { run_id, kind: "broken", state: "broken", host: "", created_at: 0, error, jobs: [], ...nothing };
}

/** A job that was skipped or cached was not run: what it has is another run's. */
function wasTried({ result }: JobRecord): boolean {
  return result !== null && !["skipped", "cached"].includes(result.status);
}

function hasReports({ artifacts }: JobRecord): boolean {
  return artifacts.some(({ path, type }) => type === "file" && /\.(xml|tap)$/i.test(path));
}
