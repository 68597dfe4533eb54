import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openMemory } from "../../src/system/client-memory.ts";
import { CLI, openRig, type Rig } from "../lab/rig.ts";
import { junit, type PastRun, writePast } from "../runs/history/past.ts";

const test = suite<{ rig: Rig }>("pikaci history");
test.before.each((context) => {
  context.rig = openRig({});
  context.rig.configure({ jobs: { unit: { command: "true" } } });
});
test.after.each(({ rig }) => rig.remove());

function writeRuns(rig: Rig, runs: readonly PastRun[]): void {
  const place = { stateDir: join(rig.dir, ".pikaci"), ...openMemory(rig.dir, rig.env) };
  for (const run of runs) writePast(place, run);
}

/** Twelve runs: `unit` failed once on an input on which it passed before, `slow` took long at the end. */
function aDozen(): PastRun[] {
  return Array.from({ length: 12 }, (_, at) => ({
    at,
    jobs: {
      unit: {
        status: at === 6 ? ("failed" as const) : ("passed" as const),
        input: String(at >> 1),
        artifacts: { "r.xml": junit({ adds: at === 6 ? "no" : 1 }) },
      },
      slow: { status: "passed" as const, ms: at === 11 ? 90_000 : 3000 },
      lint: { status: at === 0 ? ("passed" as const) : ("cached" as const) },
    },
  }));
}

test("every job in a line, then the flaky tests and what the figures are of", async ({ rig }) => {
  writeRuns(rig, aDozen());
  const { code, stdout, stderr } = await rig.pikaci("history");
  assert.equal([code, stderr], [0, ""]);
  assert.equal(stdout.split("\n"), [
    "job   passed            flaky    last               usual           latest, newest right",
    "lint  1 of 1            –        1 s                ? (no earlier)  ✔",
    "slow  12 of 12 (100 %)  –        1 min 30 s slower  3 s             ✔✔✔✔✔✔✔✔✔✔✔✔",
    "unit  11 of 12 (92 %)   1 input  1 s                1 s             ✔✔✔✔✔✔✘✔✔✔✔✔",
    "",
    "flaky tests",
    "  unit: suite › adds: flaky on 1 input, failed 1 of 12",
    "",
    "of 12 runs; jobs that were cached, skipped, cancelled or infra are not counted",
    "",
  ]);
});

test("one job at length, and all as JSON", async ({ rig }) => {
  writeRuns(rig, aDozen());
  const { code, stdout } = await rig.pikaci("history", "unit");
  assert.is(code, 0);
  assert.match(stdout, /the same input failed in 20260101T000006Z-\w+ and passed in 20260101T000007Z-/);
  assert.match(stdout, "  suite › adds: flaky on 1 input, failed 1 of 12");
  const { stdout: limited } = await rig.pikaci("history", "unit", "--limit", "3");
  assert.match(limited, "passed   3 of 3\n");
  assert.match(limited, "of the newest 3 of 12 runs");
  assert.match(limited, "what is usual cannot be said of 2 earlier runs");
  const data = JSON.parse((await rig.pikaci("history", "--json")).stdout);
  assert.equal([data.schema_version, data.runs.own, data.looked_at, data.jobs.length], [1, 12, 12, 3]);
  const one = JSON.parse((await rig.pikaci("history", "slow", "--json")).stdout);
  assert.equal([one.job.speed.median_ms, one.job.speed.slower], [3000, true]);
});

test("without runs, and of a job that is unknown", async ({ rig }) => {
  const none = await rig.pikaci("history");
  assert.equal([none.code, none.stdout], [0, ""]);
  assert.match(none.stderr, "no runs of this account here; `pikaci run` makes one");
  writeRuns(rig, aDozen());
  const { code, stderr } = await rig.pikaci("history", "unti");
  assert.is(code, 2);
  assert.match(stderr, 'no run that was looked at has a job "unti" (did you mean "unit"?)');
  assert.match(stderr, "hint: they have: lint, slow, unit");
});

test("a full disk costs what would be kept, and a warning", ({ rig }) => {
  writeRuns(rig, aDozen());
  const script = `mount -t tmpfs -o size=12k none "$0" && exec "$@" 2>&1`;
  const words = ["--user", "--map-root-user", "--mount", "sh", "-c", script, rig.memory];
  const told = execFileSync("unshare", [...words, process.execPath, ...CLI, "history"], {
    cwd: rig.dir,
    env: { ...process.env, ...rig.env },
    encoding: "utf8",
  });
  assert.match(told, /warning: the history is read from the records, and cannot be kept: /);
  assert.match(told, "11 of 12 (92 %)");
  assert.not.ok(existsSync(join(rig.memory, "history.sqlite")));
});

test("two at once, and one that is killed, hold up nobody", async ({ rig }) => {
  writeRuns(rig, aDozen());
  const killed = rig.start("history");
  const two = [rig.pikaci("history"), rig.pikaci("history")];
  killed.child.kill("SIGKILL");
  for (const { code, stdout } of await Promise.all(two)) {
    assert.is(code, 0);
    assert.match(stdout, "of 12 runs");
  }
  await killed.ended;
  assert.is((await rig.pikaci("history")).code, 0);
  assert.ok(readdirSync(rig.memory).includes("history.sqlite"));
});

test.run();
