import type { Database } from "../../system/sqlite.ts";
import {
  attemptsIn,
  countRuns,
  failingTests,
  type RunCounts,
  type TestTotals,
  testTimes,
} from "./attempts.ts";
import { type JobStatistics, jobStatistics, type SlowTest, slowerTests } from "./statistics.ts";

/** What is known of a workspace's jobs. */
export interface HistorySummary {
  /** All runs that there are; only this account's own count. */
  readonly runs: RunCounts;
  /** How many of the newest were looked at. */
  readonly looked_at: number;
  readonly jobs: readonly JobStatistics[];
  /** Tests that failed in them, of all jobs. */
  readonly failing_tests: readonly TestTotals[];
}

/** What is known of one job. */
export interface JobDetail extends Omit<HistorySummary, "jobs"> {
  readonly job: JobStatistics;
  readonly slower_tests: readonly SlowTest[];
}

/** `limit`: how many of the newest runs are looked at; 0: all. */
export function summarise(database: Database, limit: number): HistorySummary {
  const most = limit === 0 ? -1 : limit;
  const runs = countRuns(database);
  return {
    runs,
    looked_at: limit === 0 ? runs.own : Math.min(limit, runs.own),
    jobs: jobStatistics(attemptsIn(database, most)),
    failing_tests: failingTests(database, most),
  };
}

/** Null when none of the runs that were looked at has the job. */
export function jobDetail(database: Database, name: string, limit: number): JobDetail | null {
  const { jobs, failing_tests, ...rest } = summarise(database, limit);
  const job = jobs.find((one) => one.job === name);
  if (job === undefined) return null;
  return {
    ...rest,
    job,
    failing_tests: failing_tests.filter((test) => test.job === name),
    slower_tests: slowerTests(testTimes(database, name, limit === 0 ? -1 : limit)),
  };
}
