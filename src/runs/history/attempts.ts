import * as z from "zod";
import type { Database } from "../../system/sqlite.ts";
import { rowsOf } from "./schema.ts";

const attempt = z.object({
  run_id: z.string(),
  job: z.string(),
  status: z.string(),
  ms: z.number().nullable(),
  identity: z.string().nullable(),
  created_at: z.number(),
  git_head: z.string().nullable(),
});

/** A job in a run: its verdict, or the state of one that has none yet; `ms` is how long its command took. */
export type Attempt = z.output<typeof attempt>;

/** The newest runs of this account, the first `?` of their number; -1 is all. */
const RECENT = "WITH recent AS (SELECT * FROM run WHERE kind = 'own' ORDER BY run_id DESC LIMIT ?)";

/** The jobs of the newest `limit` runs (-1: of all), newest first. */
export function attemptsIn(database: Database, limit: number): Attempt[] {
  const sql = `${RECENT} SELECT run_id, job, job.status, job.ms, identity, created_at, git_head
    FROM recent JOIN job ON job.run = recent.id ORDER BY run_id DESC, job`;
  return rowsOf(database, attempt, sql, [limit]);
}

const count = z.object({ kind: z.enum(["own", "foreign", "broken"]), runs: z.number() });

export interface RunCounts {
  readonly own: number;
  readonly foreign: number;
  readonly broken: number;
}

/** How many runs there are in all. */
export function countRuns(database: Database): RunCounts {
  const rows = rowsOf(database, count, "SELECT kind, count(*) AS runs FROM run GROUP BY kind");
  return { own: 0, foreign: 0, broken: 0, ...Object.fromEntries(rows.map(({ kind, runs }) => [kind, runs])) };
}

const testTotals = z.object({
  job: z.string(),
  suite: z.string(),
  name: z.string(),
  passed: z.number(),
  failed: z.number(),
  flaky_inputs: z.number(),
});

/** A test that failed in the runs that were looked at; `flaky_inputs`: on so many inputs it both failed and passed. */
export type TestTotals = z.output<typeof testTotals>;

/** The tests that failed in the newest `limit` runs, those that are flaky first. */
export function failingTests(database: Database, limit: number): TestTotals[] {
  const sql = `${RECENT}, told AS (
      SELECT test, sum(outcome = 'passed') AS passed, sum(outcome IN ('failed', 'error')) AS failed, job.identity
      FROM recent JOIN test_result ON test_result.run = recent.id JOIN test ON test.id = test
      JOIN job ON job.run = recent.id AND job.job = test.job GROUP BY test, job.identity)
    SELECT job, suite, name, sum(passed) AS passed, sum(failed) AS failed,
      sum(passed > 0 AND failed > 0 AND identity IS NOT NULL) AS flaky_inputs
    FROM told JOIN test ON test.id = test GROUP BY test HAVING sum(failed) > 0
    ORDER BY flaky_inputs DESC, failed DESC, job, suite, name`;
  return rowsOf(database, testTotals, sql, [limit]);
}

const testTime = z.object({ suite: z.string(), name: z.string(), ms: z.number() });

/** How long a job's tests took that passed, a row for each test and run, the newest run first. */
export function testTimes(database: Database, job: string, limit: number): z.output<typeof testTime>[] {
  const sql = `${RECENT} SELECT suite, name, test_result.ms FROM recent
    JOIN test_result ON test_result.run = recent.id JOIN test ON test.id = test
    WHERE test.job = ? AND outcome = 'passed' AND test_result.ms IS NOT NULL ORDER BY run_id DESC`;
  return rowsOf(database, testTime, sql, [limit, job]);
}
