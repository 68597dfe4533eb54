import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Context } from "../../../src/core/context.ts";
import { reportedTests } from "../../../src/report/history/reported-tests.ts";
import { History } from "../../../src/runs/history/history.ts";
import { jobDetail, summarise } from "../../../src/runs/history/summary.ts";
import { runDirectory, runFile } from "../../../src/runs/layout.ts";
import { openSqlite } from "../../../src/system/sqlite.ts";
import { makeContext, removeWorkspaces } from "../../workspace.ts";
import { junit, pastId, writePast } from "./past.ts";

const test = suite("history database");
test.after(removeWorkspaces);

const signal = new AbortController().signal;
const FILE = "history.sqlite";

interface Read {
  readonly history: History;
  readonly warnings: readonly string[];
  /** How many records and reports were read. */
  readonly read: number;
}

async function open(context: Context, end = signal): Promise<Read> {
  const warnings: string[] = [];
  const history = await History.open({ ...context, warn: (message) => warnings.push(message) });
  const read = await history.update({ signal: end, testsOf: reportedTests });
  return { history, warnings, read };
}

/** As a command does it: reads, keeps, closes; gives what was read, what was warned of, and how many runs there are. */
async function look(context: Context): Promise<{ read: number; warnings: readonly string[]; own: number }> {
  const { history, warnings, read } = await open(context);
  const { own } = summarise(history.database, 0).runs;
  history.keep();
  history.close();
  return { read, warnings, own };
}

function kept(context: Context): string {
  return join(context.memory.directory ?? "", FILE);
}

const names = ({ memory }: Context) => readdirSync(memory.directory ?? "").sort();

function withRuns(count: number): Context {
  const context = makeContext();
  for (let at = 0; at < count; at++) writePast(context, { at, jobs: { unit: { status: "passed" } } });
  return context;
}

test("a record is read once; what is new, written again, or gone is noticed", async () => {
  const context = withRuns(3);
  assert.equal(await look(context), { read: 3, warnings: [], own: 3 });
  assert.equal(names(context), [FILE]);
  assert.equal(await look(context), { read: 0, warnings: [], own: 3 });
  writePast(context, { at: 9, jobs: { unit: { status: "failed" } } });
  writePast(context, { at: 1, jobs: { unit: { status: "failed" } } });
  rmSync(runDirectory(context.stateDir, pastId(0)), { recursive: true });
  assert.equal(await look(context), { read: 2, warnings: [], own: 3 });
  const { history } = await open(context);
  const [unit] = summarise(history.database, 0).jobs;
  history.close();
  assert.equal(
    unit?.attempts.map(({ status }) => status),
    ["failed", "passed", "failed"],
  );
});

test("runs of others and broken records are counted, and tell nothing", async () => {
  const context = withRuns(1);
  writePast(
    { ...context, memory: { ...context.memory, key: Buffer.alloc(32, 2) } },
    { at: 1, jobs: { unit: { status: "failed" } } },
  );
  const id = writePast(context, { at: 2, jobs: { unit: { status: "failed" } } });
  writeFileSync(runFile.record(runDirectory(context.stateDir, id)), "{");
  const { history } = await open(context);
  const { runs, jobs } = summarise(history.database, 0);
  history.close();
  assert.equal([runs, jobs[0]?.judged], [{ own: 1, foreign: 1, broken: 1 }, 1]);
});

test("a running record is looked at again, since its client may be dead", async () => {
  const context = makeContext();
  const running = { state: "running", status: null, exit_code: null, finished_at: null } as const;
  writePast(context, { at: 0, jobs: {}, change: running });
  assert.is((await look(context)).read, 1);
  assert.is((await look(context)).read, 1);
});

test("tests of reports: totals, flaky ones, slower ones, one name twice", async () => {
  const context = makeContext();
  for (let at = 0; at < 8; at++) {
    const tests = { steady: 1, shaky: at % 2 === 0 ? 0.1 : "no &lt;b>\u202e", slow: at === 7 ? 9 : 1 };
    const report = `<testsuites>${junit(tests)}${junit({ steady: 1 })}</testsuites>`;
    const artifacts = { "out/report.xml": report, "page.html": "<p>", "no-report.xml": "<x/>" };
    writePast(context, {
      at,
      jobs: { unit: { status: at % 2 ? "failed" : "passed", input: "a", artifacts } },
    });
  }
  const { history } = await open(context);
  const detail = jobDetail(history.database, "unit", 0);
  assert.equal(detail?.failing_tests, [
    { job: "unit", suite: "suite", name: "shaky", passed: 4, failed: 4, flaky_inputs: 1 },
  ]);
  assert.equal(
    detail?.slower_tests.map(({ name, last_ms, median_ms }) => [name, last_ms, median_ms]),
    [["slow", 9000, 1000]],
  );
  assert.is(detail?.job.flaky_inputs.length, 1);
  assert.is(jobDetail(history.database, "unit", 1)?.job.judged, 1, "the limit counts runs");
  assert.is(jobDetail(history.database, "none", 0), null);
  history.close();
});

test("hostile names are data", async () => {
  const context = makeContext();
  const hostile = `'); DROP TABLE run; --\0 \ud800 "x" %s`;
  const artifacts = { "t.tap": `1..1\nnot ok 1 - ${hostile.replaceAll("\n", " ")}\n` };
  writePast(context, { at: 0, jobs: { unit: { status: "failed", artifacts } } });
  const { history } = await open(context);
  const { runs, failing_tests } = summarise(history.database, 0);
  history.close();
  assert.equal([runs.own, failing_tests.length], [1, 1]);
  assert.match(failing_tests[0]?.name ?? "", "DROP TABLE run");
});

test("ended half-way: what was read is kept, the rest is read next time", async () => {
  const context = withRuns(30);
  const controller = new AbortController();
  const history = await History.open({ ...context, warn: assert.unreachable });
  const onProgress = (done: number) => void (done === 20 && controller.abort());
  assert.is(await history.update({ signal: controller.signal, testsOf: reportedTests, onProgress }), 20);
  history.keep();
  history.close();
  assert.equal(await look(context), { read: 10, warnings: [], own: 30 });
});

type Spoil = (file: string) => void | Promise<void>;

async function changeDatabase(file: string, sql: string): Promise<void> {
  const database = await openSqlite(file);
  database.exec(sql);
  database.close();
}

const SPOILED: readonly (readonly [string, Spoil, RegExp])[] = [
  [
    "no database",
    (file) => writeFileSync(file, "not a database, but long enough for a header".repeat(99)),
    /not a database/,
  ],
  ["cut off", (file) => truncateSync(file, 8192), /malformed|damaged/],
  ["empty", (file) => truncateSync(file, 0), /not pikaci's/],
  [
    "a torn page",
    (file) => {
      const bytes = readFileSync(file);
      bytes.fill(0x5a, 4096, 3 * 4096);
      writeFileSync(file, bytes);
    },
    /malformed|damaged/,
  ],
  ["of a newer pikaci", (file) => changeDatabase(file, "PRAGMA user_version = 99"), /a newer pikaci made it/],
  [
    "of an older pikaci",
    (file) => changeDatabase(file, "PRAGMA user_version = 0"),
    /an older pikaci made it/,
  ],
  ["another program's", (file) => changeDatabase(file, "PRAGMA application_id = 5"), /not pikaci's/],
];

for (const [what, spoil, why] of SPOILED)
  test(`${what}: read again from the records, with a warning`, async () => {
    const context = withRuns(3);
    await look(context);
    await spoil(kept(context));
    const { read, warnings, own } = await look(context);
    assert.equal([read, own, warnings.length], [3, 3, 1]);
    assert.match(warnings[0] ?? "", why);
    assert.equal(await look(context), { read: 0, warnings: [], own: 3 });
    assert.equal(names(context), [FILE]);
  });

test("a directory in the file's place: the history is shown, and not kept", async () => {
  const context = withRuns(3);
  mkdirSync(join(kept(context), "full"), { recursive: true });
  const { read, warnings, own } = await look(context);
  assert.equal([read, own], [3, 3]);
  assert.ok(warnings.length > 0);
  for (const warning of warnings) assert.match(warning, /cannot be kept: E/);
  assert.equal(names(context), [FILE]);
});

test("a link in the file's place is replaced, and what it leads to stays", async () => {
  const context = withRuns(1);
  const other = join(makeContext().memory.directory ?? "", "precious");
  writeFileSync(other, "precious");
  symlinkSync(other, kept(context));
  assert.is((await look(context)).own, 1);
  assert.is(readFileSync(other, "utf8"), "precious");
});

test("nothing is remembered: all the same, without a warning", async () => {
  const context = withRuns(2);
  const { memory } = context;
  assert.equal(await look({ ...context, memory: { ...memory, directory: null } }), {
    read: 2,
    warnings: [],
    own: 2,
  });
  assert.equal(names(context), []);
});

test("two at once: neither waits, each sees all, and a whole file stays", async () => {
  const context = withRuns(25);
  const looks = await Promise.all([look(context), look(context), look(context)]);
  assert.equal(
    looks.map(({ own, warnings }) => [own, warnings.length]),
    [
      [25, 0],
      [25, 0],
      [25, 0],
    ],
  );
  assert.equal(names(context), [FILE]);
  assert.is((await look(context)).read, 0);
});

test("what killed clients left: locks hold up nobody, and old copies are removed", async () => {
  const context = withRuns(2);
  await look(context);
  const place = (name: string) => join(context.memory.directory ?? "", name);
  mkdirSync(place(`${FILE}.lock`));
  for (const name of [`${FILE}.17`, `${FILE}.18`, `${FILE}.x`]) writeFileSync(place(name), "");
  mkdirSync(place(`${FILE}.17.lock`));
  const old = new Date(Date.now() - 2 * 3_600_000);
  for (const name of [`${FILE}.17`, `${FILE}.17.lock`, `${FILE}.x`]) utimesSync(place(name), old, old);
  assert.equal(await look(context), { read: 0, warnings: [], own: 2 });
  assert.equal(names(context), [FILE, `${FILE}.18`, `${FILE}.lock`, `${FILE}.x`]);
});

test("a copy has no name while it is open", async () => {
  const context = withRuns(2);
  await look(context);
  const { history } = await open(context);
  assert.equal(names(context), [FILE]);
  history.close();
  assert.ok(existsSync(kept(context)));
});

test.run();
