import { UsageError } from "../core/errors.ts";
import type { RunRecord } from "../core/run-record.ts";
import { isMeantBy } from "../core/shards.ts";
import { didYouMean } from "../core/suggest.ts";
import { jobFile, runFile } from "../runs/layout.ts";
import { mergedJobs } from "../runs/merge-shards.ts";

type LogKind = "host" | "guest" | "both";

export interface LogFile {
  readonly label: string;
  readonly path: string;
}

export interface WantedLogs {
  /** Null: of every job. */
  readonly job: string | null;
  readonly kind: LogKind;
  /** The byte of the one log that is meant; 0: from the start, of any number. */
  readonly from: number;
}

/** Whether a run's jobs are still to come: its configuration is being read. */
export function isBeforeJobs({ state, jobs }: RunRecord): boolean {
  return state === "running" && jobs.length === 0;
}

/** The run's own host log, then each job's, whether they are there or not. UsageError. */
export function logFiles(record: RunRecord, directory: string, wanted: WantedLogs): LogFile[] {
  const host = wanted.kind === "guest" ? [] : [{ label: "host", path: runFile.hostLog(directory) }];
  if (isBeforeJobs(record)) return wanted.from > 0 ? [] : host;
  const jobs = jobNames(record, wanted.job);
  const files = [
    ...host,
    ...jobs.flatMap((name) => jobLogs(name, runFile.job(directory, name), wanted.kind)),
  ];
  if (wanted.from > 0 && files.length !== 1)
    throw new UsageError(`--from needs a single log, not ${files.length}`, {
      hint: "name one with --job, and with --kind guest or host",
    });
  return files;
}

/** A job of the configuration means all its instances, and one with shards all of these, in their order. */
function jobNames({ run_id, jobs }: RunRecord, wanted: string | null) {
  const names = mergedJobs(jobs).flatMap(({ record, shards }) =>
    shards.length === 0 ? [record.job] : shards.map(({ job }) => job),
  );
  const found = names.filter((name) => wanted === null || isMeantBy(name, wanted));
  if (wanted === null || found.length > 0) return found;
  throw new UsageError(`run ${run_id} has no job ${JSON.stringify(wanted)}${didYouMean(wanted, names)}`, {
    hint: `its jobs are ${names.join(", ") || "none"}`,
  });
}

function jobLogs(job: string, directory: string, kind: LogKind): LogFile[] {
  const host = { label: `${job} host`, path: jobFile.hostLog(directory) };
  const guest = { label: job, path: jobFile.guestLog(directory) };
  return kind === "both" ? [host, guest] : [kind === "host" ? host : guest];
}
