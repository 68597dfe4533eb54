import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseConfig } from "../../../src/config/load.ts";
import { withNeeds } from "../../../src/config/needs.ts";
import { bytePath } from "../../../src/core/byte-path.ts";
import { parseJobName, parseRunId } from "../../../src/core/ids.ts";
import type { Status } from "../../../src/core/job-result.ts";
import {
  type Difference,
  exitCodeOf,
  type KnownJob,
  type Ledger,
  settle,
  type Touched,
  touch,
  wantedJobs,
} from "../../../src/operations/watch/ledger.ts";
import { closedJob, pendingJob } from "../../../src/runs/transitions.ts";

const runId = parseRunId("20260101T000000Z-0123abcd");

function specs(jobs: Readonly<Record<string, object>>) {
  return Object.values(parseConfig({ jobs }, "/w", null).jobs);
}

const JOBS = {
  unit: { command: "u", inputs: ["src/**"] },
  docs: { command: "d", inputs: ["docs/**"] },
  all: { command: "a" },
  log: { command: "l", git: true, inputs: ["src/**"] },
};

function changed(...paths: string[]): Difference {
  return { paths: paths.map((path) => bytePath(Buffer.from(path))), filters: [], head: "same" };
}

const records = (verdicts: Readonly<Record<string, Status>>) =>
  Object.entries(verdicts).map(([name, status]) =>
    closedJob(pendingJob(parseJobName(name)), runId, { status, message: "", at: new Date(0) }),
  );

/** After a run in which all passed. */
function green(): Ledger {
  const first = touch(new Map(), specs(JOBS), { paths: null, filters: [], head: "same" });
  return settle(first.ledger, records({ unit: "passed", docs: "passed", all: "cached", log: "passed" }));
}

const stale = (ledger: Ledger) =>
  [...ledger].filter(([, job]: [unknown, KnownJob]) => job.stale).map(([name]) => name);
const touched = ({ jobs, ledger }: Touched) => [jobs, stale(ledger)];

test("at first every job is stale", () => {
  const first = touch(new Map(), specs(JOBS), { paths: null, filters: [], head: "same" });
  assert.equal(stale(first.ledger), ["all", "docs", "log", "unit"]);
  assert.is(exitCodeOf(first.ledger), 130);
});

for (const [what, difference, names] of [
  ["a file of one job's inputs", changed("docs/a.md"), ["all", "docs"]],
  ["a file of nobody's inputs", changed("README"), ["all"]],
  ["two files", changed("docs/a.md", "src/x.c"), ["all", "docs", "log", "unit"]],
  ["nothing", changed(), []],
  ["another commit", { ...changed(), head: "moved" }, ["log"]],
  ["what the target's filters match", { ...changed("src/x.c"), filters: ["src/**"] }, ["all", "log", "unit"]],
  ["what they do not match", { ...changed("docs/a.md"), filters: ["src/**"] }, []],
  ["who knows what", { ...changed(), paths: null }, ["all", "docs", "log", "unit"]],
] as const)
  test(`touched by a change of ${what}`, () => {
    assert.equal(touched(touch(green(), specs(JOBS), difference)), [names, names]);
  });

test("a job whose own words changed is touched, a new one too, and one that is gone is forgotten", () => {
  const { docs: _, ...rest } = JOBS;
  const now = specs({ ...rest, unit: { ...JOBS.unit, command: "other" }, more: { command: "m" } });
  const after = touch(green(), now, changed());
  assert.equal(touched(after), [
    ["more", "unit"],
    ["more", "unit"],
  ]);
  assert.not.ok(after.ledger.has(parseJobName("docs")));
});

test("a job stays stale until it has a verdict, whatever changes later", () => {
  const once = touch(green(), specs(JOBS), changed("docs/a.md")).ledger;
  const twice = touch(once, specs(JOBS), changed("README"));
  assert.equal(touched(twice), [["all"], ["all", "docs"]]);
  const settled = settle(twice.ledger, records({ docs: "infra", all: "failed" }));
  assert.equal(stale(settled), ["docs"]);
});

test("which jobs a run has", () => {
  const some = settle(green(), records({ unit: "failed", docs: "timeout" }));
  const ledger = touch(some, specs(JOBS), changed("README")).ledger;
  const names = (wanted: "touched" | "all" | "failed") => wantedJobs(ledger, wanted).map(({ name }) => name);
  assert.equal(names("touched"), ["all"]);
  assert.equal(names("failed"), ["all", "docs", "unit"]);
  assert.equal(names("all"), ["all", "docs", "log", "unit"]);
});

test("a flaky job counts as passed: `f` leaves it out, and its exit code is 0 unless that was asked for", () => {
  const ledger = settle(green(), records({ unit: "flaky" }));
  assert.equal(wantedJobs(ledger, "failed"), []);
  assert.equal([exitCodeOf(ledger), exitCodeOf(ledger, "fail")], [0, 1]);
});

test("jobs that the filters leave out have no verdict and do not run; without that they are to be run", () => {
  const skipped = touch(green(), [], changed("README"), specs(JOBS)).ledger;
  assert.is(exitCodeOf(skipped), 0);
  for (const wanted of ["touched", "all", "failed"] as const) assert.equal(wantedJobs(skipped, wanted), []);
  assert.equal(stale(touch(skipped, specs(JOBS), changed("README")).ledger), ["all", "docs", "log", "unit"]);
});

for (const [verdicts, code] of [
  [{}, 0],
  [{ unit: "failed" }, 1],
  [{ unit: "failed", docs: "timeout" }, 124],
  [{ docs: "infra" }, 3],
] as const)
  test(`the exit code of ${JSON.stringify(verdicts)}, the others green: ${code}`, () => {
    assert.is(exitCodeOf(settle(green(), records(verdicts))), code);
  });

test("what needs a touched job is touched; a run has all that its jobs need; what was blocked did not pass", () => {
  const graph = {
    build: { command: "b", inputs: ["src/**"] },
    test: { command: "t", inputs: ["test/**"], needs: ["build"] },
    last: { command: "l", inputs: ["docs/**"], needs: ["test"] },
    alone: { command: "a", inputs: ["docs/**"] },
  };
  const { jobs } = parseConfig({ jobs: graph }, "/w", null);
  const specsOf = withNeeds(jobs, Object.values(jobs));
  const first = touch(new Map(), specsOf, { paths: null, filters: [], head: "same" });
  const passed = records({ build: "passed", test: "passed", last: "passed", alone: "passed" });
  const ledger = settle(first.ledger, passed);
  const names = (of: Ledger, wanted: "touched" | "failed") =>
    wantedJobs(of, wanted).map(({ name }) => String(name));
  const of = (path: string) => touch(ledger, specsOf, changed(path));
  assert.equal(of("src/x.c").jobs, ["build", "test", "last"]);
  assert.equal(of("test/x.c").jobs, ["test", "last"]);
  assert.equal(
    names(of("test/x.c").ledger, "touched"),
    ["build", "test", "last"],
    "the need is known, and part of the run",
  );
  assert.equal(names(of("docs/x").ledger, "touched").sort(), ["alone", "build", "last", "test"]);
  assert.equal(names(ledger, "touched"), []);
  const blocked = settle(
    first.ledger,
    records({ build: "passed", test: "failed", last: "skipped", alone: "passed" }),
  );
  assert.equal(names(blocked, "failed"), ["build", "test", "last"]);
  assert.equal(names(blocked, "touched"), []);
});

test.run();
