import { suite } from "uvu";
import * as assert from "uvu/assert";
import { accountOf, sumsOf } from "../../src/runs/account.ts";
import type { Span, Timing } from "../../src/runs/timing.ts";

const test = suite("where a run's time went");
const span = (name: string, start: number, end: number | null): Span => ({ name, start, end });

function timing(stages: readonly Span[], phases: readonly Span[], more: Partial<Timing> = {}): Timing {
  const jobs = phases.length === 0 ? [] : [{ job: "unit", phases }];
  return { start: 0, end: 100, stages, jobs, connectedAt: 30, host: null, ...more };
}

const whole = timing(
  [span("snapshot", 0, 10), span("hash", 12, 20), span("publish", 35, 40)],
  [span("running", 50, 80), span("collecting", 80, 90)],
);
const cases: readonly (readonly [string, Timing, readonly string[]])[] = [
  [
    "all of it",
    whole,
    [
      ...["snapshot 0 10", "connecting 10 12", "hash 12 20", "connecting 20 30", "waiting 30 35"],
      ...["publish 35 40", "waiting 40 50", "jobs 50 80", "collecting 80 90", "closing 90 100"],
    ],
  ],
  ["a host that never answers", timing([], [], { connectedAt: null }), ["connecting 0 100"]],
  ["a stage that never ends", timing([span("publish", 30, null)], []), ["connecting 0 30", "publish 30 100"]],
  [
    "two jobs at once are counted once",
    timing([], [], {
      jobs: [
        { job: "a", phases: [span("running", 30, 60)] },
        { job: "b", phases: [span("collecting", 40, 100)] },
      ],
    }),
    ["connecting 0 30", "jobs 30 60", "collecting 60 100"],
  ],
  ["no time at all", timing([], [], { end: 0 }), []],
];
for (const [name, one, expected] of cases)
  test(name, () => {
    const stretches = accountOf(one);
    assert.equal(
      stretches.map(({ name: what, start, end }) => `${what} ${start} ${end}`),
      expected,
    );
    const sum = sumsOf(stretches).reduce((total, { ms }) => total + ms, 0);
    assert.is(sum, one.end - one.start);
  });

test("sums, in the order of their first stretch", () => {
  assert.equal(
    sumsOf(accountOf(whole)).map(({ name, ms }) => `${name} ${ms}`),
    [
      "snapshot 10",
      "connecting 12",
      "hash 8",
      "waiting 15",
      "publish 5",
      "jobs 30",
      "collecting 10",
      "closing 10",
    ],
  );
});

test.run();
