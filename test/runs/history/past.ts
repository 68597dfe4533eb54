import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  parseContentHash,
  parseHostUrl,
  parseJobName,
  parseRunId,
  type RunId,
} from "../../../src/core/ids.ts";
import type { Status } from "../../../src/core/job-result.ts";
import type { JobRecord, RunRecord } from "../../../src/core/run-record.ts";
import { jobFile, runDirectory, runFile } from "../../../src/runs/layout.ts";
import { sealedRecord } from "../../../src/runs/sealed-record.ts";
import type { RecordPlace } from "../../../src/runs/stored-runs.ts";

export interface PastJob {
  readonly status: Status;
  readonly ms?: number;
  /** Equal where the verdict's key was; absent: the run's content hash. */
  readonly input?: string;
  /** What the job left in its artifacts, by path. */
  readonly artifacts?: Readonly<Record<string, string>>;
  readonly message?: string;
}

export interface PastRun {
  /** Seconds since 2026-01-01, also the run's number. */
  readonly at: number;
  readonly jobs: Readonly<Record<string, PastJob>>;
  readonly change?: Partial<RunRecord>;
}

const START = Date.parse("2026-01-01T00:00:00Z");

export function pastId(at: number): RunId {
  const stamp = new Date(START + at * 1000).toISOString().replace(/[-:]|\.\d+/g, "");
  return parseRunId(`${stamp}-${at.toString(16).padStart(8, "0")}`);
}

/** Writes a run's record as its client would have, sealed by the account of `place`. */
export function writePast(place: RecordPlace, { at, jobs, change = {} }: PastRun): RunId {
  const runId = pastId(at);
  const directory = runDirectory(place.stateDir, runId);
  mkdirSync(directory, { recursive: true });
  const created = new Date(START + at * 1000);
  const record: RunRecord = {
    schema_version: 1,
    run_id: runId,
    project_id: "p",
    target: parseJobName("check"),
    host: parseHostUrl("local"),
    host_name: "local",
    work_dir: null,
    state: "finished",
    status: worst(Object.values(jobs).map(({ status }) => status)),
    exit_code: 0,
    created_at: created.toISOString(),
    finished_at: new Date(created.getTime() + 5000).toISOString(),
    client: { pid: 1, started: "", hostname: "desk" },
    snapshot: {
      content_hash: parseContentHash(at.toString(16).padStart(64, "0")),
      file_count: 3,
      byte_count: 4000,
      source: {
        git_head: "0123456789abcdef",
        git_dirty: false,
        git_branch: "main",
        git_subject: `change ${at}`,
      },
      outcome: "reused",
      bytes_sent: 0,
    },
    jobs: Object.entries(jobs).map(([name, job]) => writeJob(directory, runId, name, job, created)),
    error: null,
    ...change,
  };
  writeFileSync(runFile.record(directory), JSON.stringify(sealedRecord(place.memory, record, {})));
  return runId;
}

function worst(statuses: readonly Status[]): Status {
  return statuses.find((status) => !["passed", "cached", "skipped"].includes(status)) ?? "passed";
}

function writeJob(directory: string, runId: RunId, name: string, job: PastJob, created: Date): JobRecord {
  const place = runFile.job(directory, parseJobName(name));
  mkdirSync(place, { recursive: true });
  writeFileSync(jobFile.spec(place), JSON.stringify({ schema_version: 1, name }));
  if (job.input !== undefined)
    writeFileSync(jobFile.key(place), JSON.stringify({ schema_version: 1, parts: { files: job.input } }));
  for (const [path, content] of Object.entries(job.artifacts ?? {})) {
    const file = join(jobFile.artifacts(place), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const took = job.ms ?? 1000;
  return {
    job: parseJobName(name),
    state: "finished",
    result: {
      schema_version: 1,
      run_id: runId,
      job: parseJobName(name),
      status: job.status,
      exit_code: job.status === "passed" ? 0 : 1,
      signal: null,
      timed_out: false,
      started_at: created.toISOString(),
      finished_at: new Date(created.getTime() + took).toISOString(),
      duration_ms: took,
      message: job.message ?? "exit 0",
    },
    runner: null,
    prepared: {},
    workspace: null,
    artifacts: Object.entries(job.artifacts ?? {}).map(([path, text]) => ({
      path,
      type: "file",
      size: text.length,
    })),
    artifacts_left_out: [],
  };
}

/** A JUnit file with a test for each name; a value that is no number is the message of a failure. */
export function junit(tests: Readonly<Record<string, number | string>>): string {
  const cases = Object.entries(tests).map(([name, told]) =>
    typeof told === "number"
      ? `<testcase classname="suite" name="${name}" time="${told}"/>`
      : `<testcase classname="suite" name="${name}"><failure message="${told}"/></testcase>`,
  );
  return `<testsuite name="all">${cases.join("")}</testsuite>`;
}
