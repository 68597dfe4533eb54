import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Attempt } from "../../../src/runs/history/attempts.ts";
import { jobStatistics, median, slowerTests, speedOf } from "../../../src/runs/history/statistics.ts";

/** Newest first, as `status input`; the run's number counts down. */
function attempts(...words: readonly string[]): Attempt[] {
  return words.map((word, index) => {
    const [status = "", identity = null] = word.split(" ");
    const run_id = String(words.length - index);
    return { run_id, job: "unit", status, ms: 1000, identity, created_at: 0, git_head: null };
  });
}

function only(...words: readonly string[]) {
  const [first] = jobStatistics(attempts(...words));
  if (first === undefined) throw new Error("no job");
  return first;
}

const COUNTS: readonly (readonly [string, readonly string[], readonly number[]])[] = [
  ["passes", ["passed", "passed"], [2, 2, 0, 0, 0, 0]],
  ["a timeout is a failure", ["timeout", "failed", "passed"], [3, 1, 2, 0, 0, 0]],
  ["a failure that does not count was judged, and is no pass", ["flaky", "passed"], [2, 1, 0, 1, 0, 0]],
  ["cached is no run of its own", ["cached", "passed"], [1, 1, 0, 0, 1, 0]],
  [
    "what says nothing about the tree",
    ["infra", "cancelled", "skipped", "running", "pending", "passed"],
    [1, 1, 0, 0, 0, 5],
  ],
  ["a verdict of a later pikaci", ["quarantined", "passed"], [1, 1, 0, 0, 0, 1]],
];

for (const [what, words, expected] of COUNTS)
  test(`counts: ${what}`, () => {
    const { judged, passed, failed, flaky, cached, unjudged } = only(...words);
    assert.equal([judged, passed, failed, flaky, cached, unjudged], expected);
  });

const FLAKY: readonly (readonly [string, readonly string[], readonly (readonly [string, string])[]])[] = [
  ["the same input failed and passed", ["passed a", "failed a"], [["2", "1"]]],
  ["it timed out and passed", ["timeout a", "passed a"], [["1", "2"]]],
  ["the newest of each is named", ["failed a", "failed a", "passed a", "passed a"], [["2", "4"]]],
  ["another input", ["passed b", "failed a"], []],
  ["an input that is not known", ["passed", "failed"], []],
  ["a broken host says nothing", ["infra a", "passed a"], []],
  ["a cached verdict is the other run's", ["cached a", "failed a"], []],
  ["it failed, later it was flaky", ["failed a", "flaky a"], [["1", "2"]]],
  [
    "two inputs",
    ["passed b", "passed a", "failed a", "failed b"],
    [
      ["4", "1"],
      ["3", "2"],
    ],
  ],
];

for (const [what, words, expected] of FLAKY)
  test(`flaky: ${what}`, () => {
    const found = only(...words).flaky_inputs.map(({ passed, failed }) => [passed, failed]);
    assert.equal(found, expected);
  });

test("jobs are told apart, by name", () => {
  const mixed = [...attempts("passed a"), ...attempts("failed a").map((one) => ({ ...one, job: "lint" }))];
  assert.equal(
    jobStatistics(mixed).map(({ job, passed, flaky_inputs }) => [job, passed, flaky_inputs.length]),
    [
      ["lint", 0, 0],
      ["unit", 1, 0],
    ],
  );
});

const many = (ms: number, count: number) => Array.from({ length: count }, () => ms);

const SPEEDS: readonly (readonly [string, readonly number[], ReturnType<typeof speedOf>])[] = [
  ["no run", [], null],
  ["one", [5000], { last_ms: 5000, median_ms: null, compared_runs: 0, slower: false }],
  [
    "four before it are too few",
    [90_000, ...many(1000, 4)],
    { last_ms: 90_000, median_ms: null, compared_runs: 4, slower: false },
  ],
  ["five", [9000, ...many(1000, 5)], { last_ms: 9000, median_ms: 1000, compared_runs: 5, slower: true }],
  [
    "a quarter more, but no second",
    [900, ...many(500, 9)],
    { last_ms: 900, median_ms: 500, compared_runs: 9, slower: false },
  ],
  [
    "a second more, but no quarter",
    [61_000, ...many(60_000, 9)],
    { last_ms: 61_000, median_ms: 60_000, compared_runs: 9, slower: false },
  ],
  [
    "only the last twenty count",
    [9000, ...many(1000, 20), ...many(50_000, 99)],
    { last_ms: 9000, median_ms: 1000, compared_runs: 20, slower: true },
  ],
  ["faster", [1000, ...many(9000, 9)], { last_ms: 1000, median_ms: 9000, compared_runs: 9, slower: false }],
];

for (const [what, times, expected] of SPEEDS)
  test(`speed: ${what}`, () => assert.equal(speedOf(times), expected));

test("the median of an even number is between the middle two", () => {
  assert.equal([median([3, 1, 2]), median([4, 1, 3, 2]), median([10, 9])], [2, 2.5, 9.5]);
});

test("slower tests: the greatest difference first, those with few runs left out", () => {
  const times = (name: string, last: number, usual: number, count: number) =>
    [last, ...many(usual, count)].map((ms) => ({ suite: "s", name, ms }));
  const found = slowerTests([
    ...times("a bit", 3000, 1000, 9),
    ...times("much", 30_000, 1000, 9),
    ...times("not", 1000, 1000, 9),
    ...times("new", 30_000, 1000, 2),
  ]);
  assert.equal(
    found.map(({ name, median_ms }) => [name, median_ms]),
    [
      ["much", 1000],
      ["a bit", 1000],
    ],
  );
});

test.run();
