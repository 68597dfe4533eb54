import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Counts, differences } from "./counts.ts";
import { setUpProducer, tryProducer } from "./run.ts";
import { NODE } from "./table.ts";

const test = suite("producers of test reports");

const read: Counts = { passed: 3, bad: 1, skipped: 2 };
const rows: readonly (readonly [string, Parameters<typeof differences>, readonly string[]])[] = [
  ["all as said", [read, { exitCode: 1, summary: { passed: 3, bad: 1, skipped: 2 } }, {}], []],
  ["what it does not say", [read, { exitCode: 1, summary: { bad: 1 } }, {}], []],
  ["another count", [read, { exitCode: 1, summary: { passed: 4 } }, {}], ["passed: read 3, expected 4"]],
  ["a count that is apart", [read, { exitCode: 1, summary: { passed: 4 } }, { passed: -1 }], []],
  ["green, and a bad test", [read, { exitCode: 0, summary: {} }, {}], ["exit code 0, and 1 bad"]],
  ["green, and a bad test that is apart", [read, { exitCode: 0, summary: { bad: 0 } }, { bad: 1 }], []],
  [
    "green, and a summary that counts one",
    [{ ...read, bad: 0 }, { exitCode: 0, summary: { bad: 1 } }, { bad: -1 }],
    [],
  ],
  ["red, and none", [{ ...read, bad: 0 }, { exitCode: 1, summary: {} }, {}], ["exit code 1, and 0 bad"]],
];
for (const [name, words, expected] of rows)
  test(`compared: ${name}`, () => {
    assert.equal(differences(...words), expected);
  });

/** One of those that `npm run test:producers` tries: the runner that is here anyway. */
for (const colour of ["red", "green"] as const)
  test(`node --test, ${colour}: its reports say what it says`, () => {
    const directory = mkdtempSync(join(tmpdir(), "pikaci-producer-"));
    try {
      const place = { directory, modules: directory };
      assert.equal(setUpProducer(NODE, place), []);
      assert.equal(tryProducer(NODE, colour, place).problems, []);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

test.run();
