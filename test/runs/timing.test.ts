import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatWaterfall } from "../../src/report/waterfall.ts";
import { timingOf } from "../../src/runs/timing.ts";

const test = suite("timing");
const line = (second: number, event: object) =>
  JSON.stringify({ schema_version: 1, at: new Date(second * 1000).toISOString(), ...event });

const whole = [
  line(0, { type: "run-started" }),
  line(0, { type: "stage-started", stage: "hash", job: null }),
  line(2, { type: "stage-finished", stage: "hash", job: null }),
  line(2, { type: "connected", host: "local", nix_version: "2.8", work_dir: "/w" }),
  line(2, { type: "stage-started", stage: "execute", job: "a" }),
  line(2, { type: "job-phase", job: "a", phase: "launching" }),
  line(3, { type: "job-phase", job: "a", phase: "running" }),
  line(4, { type: "job-phase", job: "b", phase: "launching" }),
  line(7, { type: "stage-started", stage: "collect", job: "a" }),
  line(8, { type: "job-finished", job: "a" }),
  line(9, { type: "something-new", of: "a later version" }),
  line(10, { type: "run-finished" }),
].join("\n");

test("stages, and jobs by phase; what never ended has no end", () => {
  assert.equal(timingOf(whole), {
    start: 0,
    end: 10_000,
    stages: [{ name: "hash", start: 0, end: 2000 }],
    jobs: [
      {
        job: "a",
        phases: [
          { name: "launching", start: 2000, end: 3000 },
          { name: "running", start: 3000, end: 7000 },
          { name: "collecting", start: 7000, end: 8000 },
        ],
      },
      { job: "b", phases: [{ name: "launching", start: 4000, end: null }] },
    ],
    connectedAt: 2000,
    host: { nixVersion: "2.8", workDir: "/w" },
  });
});

test("a line that a killed client cut off, and lines that are none of ours", () => {
  const cut = `${whole.slice(0, -20)}`;
  assert.is(timingOf(cut)?.end, 9000);
  assert.is(timingOf('{"at":1}\nnull\n[]\n{"at":"yesterday"}'), null);
  assert.is(timingOf(""), null);
});

test("a waterfall in text, wide and narrow", () => {
  const timing = timingOf(whole);
  if (timing === null) throw new Error("no timing");
  assert.equal(formatWaterfall(timing, 31), [
    "hash  ████················  2 s",
    "a     ····░░████████░░····  6 s",
    "b     ········░░░░░░░░░░░░  6 s",
  ]);
  for (const text of formatWaterfall(timing, 5)) assert.ok(text.length <= 24, text);
});

test.run();
