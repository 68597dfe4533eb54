import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { PikaciEvent } from "../../src/core/events.ts";
import { parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import { LiveState } from "../../src/report/live-state.ts";
import { painter } from "../../src/report/style.ts";
import { closedJob, pendingJob } from "../../src/runs/transitions.ts";

const test = suite("live state");
const runId = parseRunId("20260101T000000Z-0123abcd");
const host = parseHostUrl("local");
const [a, b, c] = [parseJobName("a"), parseJobName("b"), parseJobName("c")];
const started: PikaciEvent = { type: "run-started", runId, target: null, host, jobs: [a, b] };
const running = (job: typeof a): PikaciEvent => ({ type: "job-phase", job, phase: "running" });
const result = closedJob(pendingJob(a), runId, { status: "passed", message: "", at: new Date(0) }).result;
if (result === null) throw new Error("no result");

/** The lines after events at given seconds, at the moment of the last. */
function shown(
  events: readonly (readonly [number, PikaciEvent | null])[],
  expected: Readonly<Record<string, number>> = {},
  rows = 10,
): string[] {
  const state = new LiveState(new Map(Object.entries(expected)));
  for (const [second, event] of events) if (event !== null) state.note(event, second * 1000);
  state.said(a, "said");
  const now = (events.at(-1)?.[0] ?? 0) * 1000;
  return state.lines(now, rows, painter(false)).map((line) => line.replace(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /, "* "));
}

const publish: PikaciEvent = { type: "stage-started", stage: "publish", job: null };
const upload = (bytes: number): PikaciEvent => ({ type: "upload-progress", bytes, totalBytes: 10_000_000 });
const table: readonly (readonly [string, string[], string[]])[] = [
  ["nothing yet", shown([]), []],
  [
    "a stage",
    shown([
      [0, publish],
      [7.9, null],
    ]),
    ["* publish  7 s"],
  ],
  [
    "an upload: share, rate, and what is left",
    shown([
      [0, started],
      [0, publish],
      [1, upload(0)],
      [5, upload(4_000_000)],
    ]),
    [
      "* publish  5 s  4.0 MB of 10.0 MB (40 %), 1.0 MB/s, about 6 s left",
      "  0 of 2 jobs done on local, 5 s",
    ],
  ],
  [
    "an upload's first moment has no rate",
    shown([
      [0, publish],
      [0, upload(0)],
    ]),
    ["* publish  0 s  0 B of 10.0 MB (0 %)"],
  ],
  [
    "jobs, and the time of the slower one",
    shown(
      [
        [0, started],
        [0, running(a)],
        [2, running(b)],
        [10, null],
      ],
      { a: 30_000, b: 15_000 },
    ),
    [
      "* a  running 10 s of about 30 s │ said",
      "* b  running 8 s of about 15 s",
      "  0 of 2 jobs done on local, 10 s, about 20 s left",
    ],
  ],
  [
    "no promise for a job that was never seen, nor for a late one",
    shown(
      [
        [0, started],
        [0, running(a)],
        [0, running(b)],
        [10, null],
      ],
      { a: 30_000 },
    ),
    ["* a  running 10 s of about 30 s │ said", "* b  running 10 s", "  0 of 2 jobs done on local, 10 s"],
  ],
  [
    "a job that is done",
    shown([
      [0, started],
      [0, running(a)],
      [1, { type: "job-finished", job: a, result }],
    ]),
    ["  1 of 2 jobs done on local, 1 s"],
  ],
  [
    "few rows",
    shown(
      [
        [0, started],
        [0, running(a)],
        [0, running(b)],
        [0, running(c)],
      ],
      {},
      3,
    ),
    ["* a  running 0 s │ said", "  and 2 more jobs", "  0 of 2 jobs done on local, 0 s"],
  ],
];
for (const [name, lines, expected] of table) test(name, () => assert.equal(lines, expected));

test("outside of a run's stages, how far Nix is stands alone", () => {
  const copying: PikaciEvent = {
    ...{ type: "nix-progress", built: 0, toBuild: 0, building: [] },
    ...{ copied: 1, toCopy: 2, copiedBytes: 512, toCopyBytes: 1024 },
  };
  assert.equal(shown([[0, copying]]), ["* 1 of 2 copied, 512 B of 1.0 kB"]);
});

for (const [name, line] of [
  ["letters", "x".repeat(16_384)],
  ["pairs of surrogates", "😀".repeat(8192)],
  ["letters, then a pair over the end", `${"x".repeat(511)}${"😀".repeat(99)}`],
  ["marks without a width", "\u0301".repeat(16_384)],
] as const)
  test(`a long line is kept as far as a terminal could show it: ${name}`, () => {
    const state = new LiveState(new Map());
    state.note(running(a), 0);
    state.said(a, line);
    const [shown = ""] = state.lines(0, 10, painter(false));
    const said = shown.slice(shown.indexOf("│ ") + 2);
    assert.ok(said.length >= 511 && said.length <= 512, String(said.length));
    assert.ok(line.startsWith(said));
    assert.not.match(said, /\p{Cs}/u);
  });

test("names of builders are as many as a terminal could show", () => {
  const building = Array.from({ length: 1000 }, (_, n) => `builder-${n}`);
  const nix: PikaciEvent = { type: "nix-progress", built: 0, toBuild: 1000, building, copied: 0, toCopy: 0 };
  assert.ok(shown([[0, nix]]).join("").length < 520);
});

test.run();
