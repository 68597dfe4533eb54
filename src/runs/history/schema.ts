import * as z from "zod";
import type { Database } from "../../system/sqlite.ts";

/** Marks the file as pikaci's ("pika"), and the version of its tables. */
const APPLICATION = 0x70_69_6b_61;
const VERSION = 1;

/** Times are milliseconds, instants since the epoch. `identity`: equal where a verdict should be equal (identity.ts). */
const TABLES = `
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  stamp TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  status TEXT,
  target TEXT,
  host TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  ms INTEGER,
  git_head TEXT,
  git_subject TEXT,
  error TEXT
);
CREATE TABLE job (
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  job TEXT NOT NULL,
  status TEXT NOT NULL,
  ms INTEGER,
  identity TEXT,
  tests_read INTEGER NOT NULL,
  PRIMARY KEY (run, job)
) WITHOUT ROWID;
CREATE INDEX unread ON job(run) WHERE tests_read = 0;
CREATE TABLE test (
  id INTEGER PRIMARY KEY,
  job TEXT NOT NULL,
  suite TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (job, suite, name)
);
CREATE TABLE test_result (
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  test INTEGER NOT NULL REFERENCES test(id),
  outcome TEXT NOT NULL,
  ms INTEGER,
  PRIMARY KEY (run, test)
) WITHOUT ROWID;`;

/** The file is private until it is published as a whole: it needs no journal on disk, and nothing of it is synced. */
export function setUp(database: Database): void {
  database.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;");
}

/** Makes the tables in an empty database. */
export function makeTables(database: Database): void {
  database.exec(`PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${VERSION};${TABLES}`);
}

/** Why a database cannot be used, for people; null when it can. Throws SQLite's error for a file that is no database. */
export function unusable(database: Database): string | null {
  const pragma = (name: string) => Object.values(database.get(`PRAGMA ${name}`) ?? {})[0] ?? null;
  if (pragma("application_id") !== APPLICATION) return "it is not pikaci's";
  const version = Number(pragma("user_version"));
  if (version > VERSION) return "a newer pikaci made it";
  if (version < VERSION) return "an older pikaci made it";
  return pragma("quick_check(1)") === "ok" ? null : "it is damaged";
}

/** What a query gives, as its schema has it. */
export function rowsOf<Row extends z.ZodType>(
  database: Database,
  row: Row,
  sql: string,
  values: readonly (string | number | null)[] = [],
): z.output<Row>[] {
  return z.array(row).parse(database.all(sql, [...values]));
}
