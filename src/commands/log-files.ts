import { UsageError } from "../core/errors.ts";
import type { RunRecord } from "../core/run-record.ts";
import { isMeantBy } from "../core/shards.ts";
import { didYouMean } from "../core/suggest.ts";
import { jobFile, runFile } from "../runs/layout.ts";
import { mergedJobs } from "../runs/merge-shards.ts";
import { loggedServices } from "../runs/service-logs.ts";

type LogKind = "host" | "guest" | "both";

export interface LogFile {
  readonly label: string;
  readonly path: string;
}

export interface WantedLogs {
  /** Null: of every job. */
  readonly job: string | null;
  readonly kind: LogKind;
  /** The log of the service with this name, instead of the jobs' own; null: those. */
  readonly service: string | null;
  /** The byte of the one log that is meant; 0: from the start, of any number. */
  readonly from: number;
}

/** Whether a run's jobs are still to come: its configuration is being read. */
export function isBeforeJobs({ state, jobs }: RunRecord): boolean {
  return state === "running" && jobs.length === 0;
}

/** The run's own host log, then each job's, whether they are there or not. UsageError. */
export function logFiles(record: RunRecord, directory: string, wanted: WantedLogs): LogFile[] {
  const host =
    wanted.kind === "guest" || wanted.service !== null
      ? []
      : [{ label: "host", path: runFile.hostLog(directory) }];
  if (isBeforeJobs(record)) return wanted.from > 0 ? [] : host;
  const jobs = jobNames(record, wanted.job);
  const files = [...host, ...jobs.flatMap((name) => jobLogs(name, runFile.job(directory, name), wanted))];
  if (wanted.service !== null && files.length === 0 && record.state !== "running")
    throw noSuchService(record, wanted.service, directory);
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

function jobLogs(job: string, directory: string, { kind, service }: WantedLogs): LogFile[] {
  const services = loggedServices(directory)
    .filter((name) => service === null || name === service)
    .map((name) => ({ label: `${job}/${name}`, path: jobFile.serviceLog(directory, name) }));
  if (service !== null) return services;
  const host = { label: `${job} host`, path: jobFile.hostLog(directory) };
  const guest = { label: job, path: jobFile.guestLog(directory) };
  return kind === "both" ? [host, guest, ...services] : [kind === "host" ? host : guest];
}

function noSuchService({ run_id, jobs }: RunRecord, service: string, directory: string): UsageError {
  const known = jobs.flatMap(({ job }) =>
    loggedServices(runFile.job(directory, job)).map((name) => `${name} of ${job}`),
  );
  return new UsageError(`run ${run_id} has no log of a service ${JSON.stringify(service)}`, {
    hint:
      known.length === 0
        ? "no service of it printed anything; a service's log comes when its job has ended"
        : `there are logs of ${known.join(", ")}`,
  });
}
