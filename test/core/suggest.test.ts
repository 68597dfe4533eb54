import { suite } from "uvu";
import * as assert from "uvu/assert";
import { closest } from "../../src/core/suggest.ts";

const test = suite("suggestions");
const words = ["run", "plan", "list", "status", "logs", "snapshot", "render", "publish"];

const table: readonly (readonly [string, string | null])[] = [
  ["rnu", "run"],
  ["PLAN", "plan"],
  ["lst", "list"],
  ["statsu", "status"],
  ["snapshoot", "snapshot"],
  ["pubish", "publish"],
  ["lsit", "list"],
  ["test", null],
  ["xyz", null],
  ["", null],
  ["frobnicate", null],
  ["r".repeat(1000), null],
];
for (const [word, expected] of table)
  test(word.slice(0, 20) || "nothing", () => assert.is(closest(word, words), expected));

test.run();
