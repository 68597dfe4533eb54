import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatDuration, LONGEST_MS, parseDuration } from "../../src/config/duration.ts";

const test = suite("durations");

const parsed: readonly (readonly [string | number, number | null])[] = [
  ["90s", 90_000],
  ["10m", 600_000],
  ["1h30m", 5_400_000],
  ["500ms", 500],
  ["1d", 86_400_000],
  [1500, 1500],
  ["24d", LONGEST_MS],
  ["25d", null],
  [LONGEST_MS + 1, null],
  ["0s", null],
  [0, null],
  [-1, null],
  [1.5, null],
  [Number.NaN, null],
  ["1.5h", null],
  ["10", null],
  ["10 m", null],
  ["-5s", null],
  ["", null],
  ["99999999999999999999h", null],
];
for (const [value, ms] of parsed)
  test(`${JSON.stringify(value)} is ${ms}`, () => assert.is(parseDuration(value), ms));

const formatted: readonly (readonly [number, string])[] = [
  [0, "0 ms"],
  [999, "999 ms"],
  [2000, "2 s"],
  [12_340, "12.3 s"],
  [59_949, "59.9 s"],
  [59_950, "1 min"],
  [245_000, "4 min 5 s"],
  [3_600_000, "1 h"],
  [7_380_000, "2 h 3 min"],
];
for (const [ms, text] of formatted) test(`${ms} reads ${text}`, () => assert.is(formatDuration(ms), text));

test.run();
