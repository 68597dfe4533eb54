import { formatDuration } from "../config/duration.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import {
  FOREIGN,
  formatBytes,
  formatCommit,
  formatError,
  formatJob,
  formatStatus,
  plural,
  runDuration,
} from "../report/format.ts";
import { sanitise } from "../report/sanitise.ts";
import type { Paint } from "../report/style.ts";
import { summaryJobs } from "../report/summary-jobs.ts";
import { formatAccount, formatCriticalPath, formatWaterfall } from "../report/waterfall.ts";
import { criticalPath } from "../runs/critical-path.ts";
import { runFile } from "../runs/layout.ts";
import { readPlanGraph } from "../runs/plan-graph.ts";
import { openRun } from "../runs/stored-runs.ts";
import { type Timing, timingOf } from "../runs/timing.ts";
import { readBytes } from "../system/client-files.ts";
import { type Handler, openPlace } from "./call.ts";
import { outPaint, printJson, printLines } from "./invocation.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"status">> = async (args, call) => {
  const place = await openPlace(call);
  const { invocation } = place;
  const { record, directory, digests } = openRun(place, args.run);
  const foreign = digests === null;
  const timing = args.timing ? readTiming(directory) : null;
  if (args.json)
    printJson(invocation, {
      ...record,
      directory,
      ...(foreign ? { foreign } : {}),
      ...(args.timing ? { timing } : {}),
    });
  else {
    const picture = timing === null ? [] : ["", ...formatTiming(timing, directory, invocation.outColumns())];
    printLines(invocation, [
      ...(foreign ? [`foreign   ${FOREIGN}`] : []),
      ...formatRecord(record, directory, outPaint(invocation)),
      ...picture,
    ]);
  }
  return 0;
};

function formatTiming(timing: Timing, directory: string, columns: number): string[] {
  const plan = readPlanGraph(runFile.plan(directory));
  const critical = plan === null ? [] : criticalPath(timing, plan);
  return [
    ...formatWaterfall(timing, columns, critical),
    formatAccount(timing),
    ...formatCriticalPath(critical),
  ];
}

function readTiming(directory: string): Timing | null {
  return timingOf(readBytes(runFile.events(directory))?.toString("utf8") ?? "");
}

export function formatRecord(record: RunRecord, directory: string, paint: Paint): string[] {
  const took = runDuration(record);
  const verdict = record.status === null ? record.state : formatStatus(record.status, paint);
  return [
    `run       ${record.run_id}`,
    `verdict   ${verdict}${record.exit_code === null ? "" : ` (exit code ${record.exit_code})`}`,
    `what      ${record.target === null ? "jobs by name" : `target ${record.target}`} of ${record.project_id} on ${record.host}`,
    `started   ${record.created_at}${took === null ? "" : `, took ${formatDuration(took)}`}`,
    ...snapshotLines(record),
    `files     ${directory}`,
    ...summaryJobs(record).flatMap((job) => jobLines(job, paint)),
    ...(record.error === null ? [] : [formatError(record.error, paint)]),
  ];
}

function snapshotLines({ snapshot }: RunRecord): string[] {
  if (snapshot === null) return [];
  const { content_hash, file_count, byte_count, outcome, source } = snapshot;
  const commit = formatCommit(source);
  return [
    `snapshot  ${content_hash}`,
    `          ${plural(file_count, "file")}, ${formatBytes(byte_count)}, ${outcome ?? "not published"}`,
    ...(commit === null ? [] : [`git       ${commit}`]),
  ];
}

function jobLines(job: JobRecord, paint: Paint): string[] {
  const artifacts = job.artifacts.filter(({ type }) => type !== "directory");
  return [
    formatJob(job, paint),
    ...(job.hint === undefined ? [] : [`    hint: ${sanitise(job.hint)}`]),
    ...(job.kept_until === undefined ? [] : [`    kept until ${job.kept_until} (pikaci shell)`]),
    ...artifacts.map(
      ({ path, type, size }) =>
        `    artifact ${sanitise(path)} (${type === "symlink" ? "a link" : formatBytes(size)})`,
    ),
    ...job.artifacts_left_out.map((reason) => `    left out ${sanitise(reason)}`),
  ];
}
