import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LogBuffer } from "../../../src/report/ci/log-buffer.ts";

const test = suite("log buffer");

test("all of a short log, or its last lines with the number of the others", () => {
  const buffer = new LogBuffer("/workspace");
  assert.equal([buffer.size, buffer.last()], [0, []]);
  buffer.push(["a", "b", "c"]);
  assert.equal(buffer.last(), ["a", "b", "c"]);
  assert.equal(buffer.last(2), ["… 1 line before", "b", "c"]);
});

test("of a huge log, the last megabyte; the count stays right", () => {
  const buffer = new LogBuffer("/workspace");
  const line = "x".repeat(99);
  for (let piece = 0; piece < 300; piece++) buffer.push(Array.from({ length: 100 }, () => line));
  const lines = buffer.last();
  assert.is(lines.length - 1, buffer.size);
  assert.is(buffer.size, Math.floor((1 << 20) / 100));
  assert.is(lines[0], `… ${30_000 - buffer.size} lines before`);
});

test("empty lines without end keep no more memory than a megabyte of them", () => {
  const buffer = new LogBuffer("/workspace");
  const piece = Array.from({ length: 1 << 16 }, () => "");
  for (let pieces = 0; pieces < 40; pieces++) buffer.push(piece);
  assert.is(buffer.size, 1 << 20);
  assert.is(buffer.last()[0], `… ${40 * (1 << 16) - (1 << 20)} lines before`);
});

test("places: each once, the first ten", () => {
  const buffer = new LogBuffer("/workspace");
  for (let line = 1; line < 20; line++) buffer.push([`a.c:${line}: error: x`, `a.c:${line}: error: x`]);
  assert.equal(
    buffer.places.map((place) => place.line),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
});

test("places: errors before warnings before notes, of one place the worst", () => {
  const buffer = new LogBuffer("/workspace/sub");
  for (let line = 1; line < 20; line++) buffer.push([`a.c:${line}: warning: w`, `a.c:${line}:1: note: n`]);
  buffer.push(["a.c:2: error: e", "error[E1]: r", "  --> b.rs:1:1", "  --> b.rs:2:1"]);
  buffer.push(["warning: v", "", "  --> b.rs:3:1"]);
  const shown = buffer.places.map(({ file, line, level, message }) => [file, line, level, message].join(" "));
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

test.run();
