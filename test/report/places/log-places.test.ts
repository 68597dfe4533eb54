import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LogPlaces } from "../../../src/report/places/log-places.ts";
import { NamedFiles } from "../../../src/report/places/named-files.ts";
import type { Place } from "../../../src/report/places/place.ts";

const test = suite("the places of a log");

function placesOf(lines: readonly string[], more: readonly Place[] = []): string[] {
  const places = new LogPlaces("/workspace/sub", new NamedFiles(() => null));
  places.push(lines);
  return places.end(more).map(({ file, line, level, message }) => `${file} ${line} ${level} ${message}`);
}

test("each once, the first ten", () => {
  const lines = Array.from({ length: 19 }, (_, n) => `a.c:${n + 1}: error: x`);
  const expected = Array.from({ length: 10 }, (_, n) => `sub/a.c ${n + 1} error error: x`);
  assert.equal(placesOf(lines.flatMap((line) => [line, line])), expected);
});

test("errors before warnings before notes, of one line the worst", () => {
  const lines = Array.from({ length: 19 }, (_, n) => [
    `a.c:${n + 1}: warning: w`,
    `a.c:${n + 1}:1: note: n`,
  ]).flat();
  const errors = [
    "a.c:2: error: e",
    "error[E1]: r",
    "  --> b.rs:1:1",
    "  --> b.rs:2:1",
    "warning: v",
    "",
    "  --> b.rs:3:1",
  ];
  const shown = placesOf([...lines, ...errors]);
  assert.equal(shown.slice(0, 6), [
    "sub/a.c 2 error error: e",
    "sub/b.rs 1 error error[E1]: r",
    "sub/b.rs 2 error ",
    "sub/b.rs 3 error ",
    "sub/a.c 1 warning warning: w",
    "sub/a.c 3 warning warning: w",
  ]);
  assert.is(shown.length, 10);
});

test("of one line and level, the first that has a message", () => {
  const frame = "    at f (/workspace/a.js:1:2)";
  assert.equal(placesOf([frame, "", "Error: one", frame, "", "Error: two", frame]), [
    "a.js 1 error Error: one",
  ]);
});

test("what comes from elsewhere has its rank", () => {
  const more: Place[] = [{ level: "error", file: "b.c", line: 1, message: "m" }];
  assert.equal(placesOf(["a.c:1: warning: w"], more), ["b.c 1 error m", "sub/a.c 1 warning warning: w"]);
});

test.run();
