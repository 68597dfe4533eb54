import * as z from "zod";
import type { Database } from "../../system/sqlite.ts";
import { rowsOf } from "./schema.ts";

const listed = z.object({
  run_id: z.string(),
  kind: z.enum(["own", "foreign", "broken"]),
  state: z.string(),
  status: z.string().nullable(),
  target: z.string().nullable(),
  host: z.string(),
  created_at: z.number(),
  ms: z.number().nullable(),
  git_head: z.string().nullable(),
  git_subject: z.string().nullable(),
  error: z.string().nullable(),
});

const statusCount = z.object({ run_id: z.string(), status: z.string(), jobs: z.number() });

/** A run in a list; `jobs` counts its jobs by verdict, or by state where they have none. */
export interface ListedRun extends z.output<typeof listed> {
  readonly jobs: readonly { readonly status: string; readonly count: number }[];
}

/** Which runs a page of the list has. */
export interface ListQuery {
  /** Only older ones than this run's id. */
  readonly before: string | null;
  /** A verdict or a state. */
  readonly status: string | null;
  readonly target: string | null;
  readonly limit: number;
}

export interface ListPage {
  readonly runs: readonly ListedRun[];
  /** The id to ask for what is older; null on the last page. */
  readonly older: string | null;
  /** How many runs there are in all that match. */
  readonly matching: number;
}

const WHERE =
  "coalesce(status, state) = coalesce(?, status, state) AND coalesce(target, '') = coalesce(?, target, '')";

/** A page of runs, the newest first. */
export function listPage(database: Database, { before, status, target, limit }: ListQuery): ListPage {
  const runs = rowsOf(
    database,
    listed,
    `SELECT * FROM run WHERE ${WHERE} AND run_id < coalesce(?, '~') ORDER BY run_id DESC LIMIT ?`,
    [status, target, before, limit + 1],
  );
  const shown = runs.slice(0, limit);
  const [count] = rowsOf(
    database,
    z.object({ runs: z.number() }),
    `SELECT count(*) AS runs FROM run WHERE ${WHERE}`,
    [status, target],
  );
  const jobs = countsOf(database, shown);
  return {
    runs: shown.map((run) => ({ ...run, jobs: jobs.get(run.run_id) ?? [] })),
    older: runs.length > limit ? (shown.at(-1)?.run_id ?? null) : null,
    matching: count?.runs ?? 0,
  };
}

function countsOf(database: Database, runs: readonly { readonly run_id: string }[]) {
  const counts = new Map<string, { status: string; count: number }[]>();
  const rows = rowsOf(
    database,
    statusCount,
    `SELECT run_id, job.status, count(*) AS jobs FROM run JOIN job ON job.run = run.id
     WHERE run_id BETWEEN ? AND ? GROUP BY run_id, job.status ORDER BY job.status`,
    [runs.at(-1)?.run_id ?? "", runs[0]?.run_id ?? ""],
  );
  for (const { run_id, status, jobs } of rows)
    counts.set(run_id, [...(counts.get(run_id) ?? []), { status, count: jobs }]);
  return counts;
}

/** What there is to choose from in the list: verdicts and states, and targets. */
export function listChoices(database: Database): { readonly statuses: string[]; readonly targets: string[] } {
  const words = (sql: string) =>
    rowsOf(database, z.object({ word: z.string() }), sql).map(({ word }) => word);
  return {
    statuses: words("SELECT DISTINCT coalesce(status, state) AS word FROM run ORDER BY word"),
    targets: words("SELECT DISTINCT target AS word FROM run WHERE target IS NOT NULL ORDER BY word"),
  };
}

/** Ids of the newest runs that have finished, to compare with. */
export function recentIds(database: Database, limit: number): string[] {
  const sql = "SELECT run_id FROM run WHERE state = 'finished' ORDER BY run_id DESC LIMIT ?";
  return rowsOf(database, z.object({ run_id: z.string() }), sql, [limit]).map(({ run_id }) => run_id);
}
