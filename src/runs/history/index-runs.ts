import { lstatSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import * as z from "zod";
import { orNull, parseRunId, type RunId } from "../../core/ids.ts";
import type { JobRecord } from "../../core/run-record.ts";
import type { Database } from "../../system/sqlite.ts";
import { runDirectory, runFile } from "../layout.ts";
import { type RecordPlace, readRun, runIds } from "../stored-runs.ts";
import { type RunRow, runRow } from "./rows.ts";
import { rowsOf } from "./schema.ts";
import { distinctTests, type ReportedTest } from "./tests.ts";

export interface IndexOptions {
  readonly signal: AbortSignal;
  /** The tests that a job's reports tell of; the directory is the job's in the run's. */
  readonly testsOf: (job: JobRecord, jobDirectory: string) => readonly ReportedTest[];
  /** Called after each record and each job's reports, to show how far it is. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** So many records are read before others may do something. */
const AT_ONCE = 20;

const known = z.object({ run_id: z.string(), stamp: z.string(), state: z.string() });

/**
 * Brings the database up to the records: what is new or has changed, the newest first, and then the tests of their reports.
 * What is read stays when it is aborted, which it ends at quietly. Gives how many records and jobs' reports were read.
 */
export async function indexRuns(
  database: Database,
  place: RecordPlace,
  options: IndexOptions,
): Promise<number> {
  const changed = changedRuns(database, place);
  let done = 0;
  for (const { runId, stamp } of changed) {
    if (options.signal.aborted) return done;
    atOnce(database, () => store(database, runRow(readRun(place, runId)), stamp));
    done += 1;
    options.onProgress?.(done, changed.length);
    if (done % AT_ONCE === 0) await turn();
  }
  return done + (await indexTests(database, place, options));
}

/** Runs without a record any more are removed from the database here, and count as read. */
function changedRuns(database: Database, { stateDir }: RecordPlace) {
  const rows = new Map(
    rowsOf(database, known, "SELECT run_id, stamp, state FROM run").map((row) => [row.run_id, row]),
  );
  const ids = runIds(stateDir).reverse();
  const there = new Set<string>(ids);
  for (const runId of [...rows.keys()].filter((id) => !there.has(id)))
    database.run("DELETE FROM run WHERE run_id = ?", [runId]);
  return ids.flatMap((runId) => {
    const stamp = stampOf(stateDir, runId);
    const row = rows.get(runId);
    // A running one's client may have died, which changes no file.
    return row?.stamp === stamp && row.state !== "running" ? [] : [{ runId, stamp }];
  });
}

/** Changes when the record is written: it always gets a new inode. */
function stampOf(stateDir: string, runId: RunId): string {
  const stat = lstatSync(runFile.record(runDirectory(stateDir, runId)), { throwIfNoEntry: false });
  return stat === undefined ? "absent" : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}

function store(database: Database, { jobs, ...row }: RunRow, stamp: string): void {
  database.run("DELETE FROM run WHERE run_id = ?", [row.run_id]);
  const fields: readonly (readonly [string, string | number | null])[] = [
    ["stamp", stamp],
    ...Object.entries(row),
  ];
  const names = fields.map(([name]) => name);
  const { lastInsertRowid: id } = database.run(
    `INSERT INTO run (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
    fields.map(([, value]) => (typeof value === "string" ? value.replaceAll("\0", "\u{fffd}") : value)),
  );
  const insert = database.prepare("INSERT OR REPLACE INTO job VALUES (?, ?, ?, ?, ?, ?)");
  try {
    for (const { job, status, ms, identity, has_reports } of jobs)
      insert.run([id, job, status, ms, identity, has_reports ? 0 : 1]);
  } finally {
    insert.finalize();
  }
}

const unread = z.object({ id: z.number(), run_id: z.string(), job: z.string() });

async function indexTests(database: Database, place: RecordPlace, options: IndexOptions): Promise<number> {
  const jobs = rowsOf(
    database,
    unread,
    "SELECT run.id, run_id, job FROM job JOIN run ON run.id = job.run WHERE tests_read = 0 ORDER BY run_id DESC",
  );
  for (const [index, row] of jobs.entries()) {
    if (options.signal.aborted) return index;
    const tests = testsIn(place, row, options);
    atOnce(database, () => storeTests(database, row, tests));
    options.onProgress?.(index + 1, jobs.length);
    await turn();
  }
  return jobs.length;
}

function testsIn(
  place: RecordPlace,
  { run_id, job }: z.output<typeof unread>,
  { testsOf }: IndexOptions,
): readonly ReportedTest[] {
  const runId = orNull(parseRunId, run_id);
  const run = runId === null ? null : readRun(place, runId);
  if (run === null || !("record" in run)) return [];
  const record = run.record.jobs.find((one) => one.job === job);
  return record === undefined ? [] : distinctTests(testsOf(record, runFile.job(run.directory, record.job)));
}

function storeTests(
  database: Database,
  { id, job }: z.output<typeof unread>,
  tests: readonly ReportedTest[],
): void {
  const find = database.prepare(
    "INSERT INTO test (job, suite, name) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET job = job RETURNING id",
  );
  const insert = database.prepare("INSERT OR REPLACE INTO test_result VALUES (?, ?, ?, ?)");
  try {
    for (const { suite, name, outcome, ms } of tests) {
      const { id: test } = z.object({ id: z.number() }).parse(find.get([job, suite, name]));
      insert.run([id, test, outcome, ms]);
    }
  } finally {
    find.finalize();
    insert.finalize();
  }
  database.run("UPDATE job SET tests_read = 1 WHERE run = ? AND job = ?", [id, job]);
}

/** All of it, or nothing where it throws. */
function atOnce(database: Database, change: () => void): void {
  database.exec("BEGIN");
  try {
    change();
    database.exec("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
