import { relative } from "node:path";
import type { RunRecord } from "../../core/run-record.ts";
import { compareRuns } from "../../runs/compare.ts";
import { comparedRun, previousRun } from "../../runs/compared.ts";
import { jobFile, runFile } from "../../runs/layout.ts";
import { readPlanGraph } from "../../runs/plan-graph.ts";
import { loggedServices } from "../../runs/service-logs.ts";
import type { OpenedRun, RecordPlace } from "../../runs/stored-runs.ts";
import { timingOf } from "../../runs/timing.ts";
import { readEnd, sizeOf } from "../../system/artifact-files.ts";
import { readBytes } from "../../system/client-files.ts";
import { version } from "../../system/version.ts";
import type { ReportLog, RunReport } from "./run-report.ts";
import { anchor } from "./text.ts";

/** Of each log, so much is put into the report; the report links to the rest. */
const LOG_BYTES = 1 << 20;

/** Gathers what the report of a stored run shows; `from` is the directory that the report will lie in. */
export function storedReport(
  at: RecordPlace,
  run: OpenedRun,
  from: string,
  logBytes: number = LOG_BYTES,
): RunReport {
  const { record, directory } = run;
  const previous = previousRun(at, record);
  const place = relative(from, directory);
  return {
    record,
    foreign: run.digests === null,
    timing: timingOf(readBytes(runFile.events(directory))?.toString("utf8") ?? ""),
    plan: readPlanGraph(runFile.plan(directory)),
    comparison: previous === null ? null : compareRuns(previous, comparedRun(record, directory)),
    logs: logsOf(record, directory, from, logBytes),
    place: place === "" ? "" : `${place}/`,
    version: version(),
  };
}

function logsOf(record: RunRecord, directory: string, from: string, most: number): ReportLog[] {
  const jobs = record.jobs.flatMap(({ job, result }) => {
    const place = runFile.job(directory, job);
    const bad = result !== null && ["failed", "timeout", "infra"].includes(result.status);
    return [
      { id: anchor("log", job), title: job, file: jobFile.guestLog(place), open: bad },
      ...loggedServices(place).map((service) => ({
        id: anchor("service", `${job}/${service}`),
        title: `${job}: service ${service}`,
        file: jobFile.serviceLog(place, service),
        open: false,
      })),
      { id: anchor("host", job), title: `${job}: host`, file: jobFile.hostLog(place), open: false },
    ];
  });
  const all = [
    ...jobs,
    { id: "host", title: "host and Nix", file: runFile.hostLog(directory), open: record.error !== null },
  ];
  return all.flatMap(({ file, ...log }) => {
    const size = sizeOf(file);
    const bytes = readEnd(file, most);
    const text = new TextDecoder("utf-8").decode(bytes);
    return size === 0 ? [] : [{ ...log, text, leftOut: size - bytes.length, path: relative(from, file) }];
  });
}
