import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LogBuffer } from "../../../src/report/ci/log-buffer.ts";

const test = suite("log buffer");

test("all of a short log, or its last lines with the number of the others", () => {
  const buffer = new LogBuffer();
  assert.equal([buffer.size, buffer.last()], [0, []]);
  buffer.push(["a", "b", "c"]);
  assert.equal(buffer.last(), ["a", "b", "c"]);
  assert.equal(buffer.last(2), ["… 1 line before", "b", "c"]);
});

test("of a huge log, the last megabyte; the count stays right", () => {
  const buffer = new LogBuffer();
  const line = "x".repeat(99);
  for (let piece = 0; piece < 300; piece++) buffer.push(Array.from({ length: 100 }, () => line));
  const lines = buffer.last();
  assert.is(lines.length - 1, buffer.size);
  assert.is(buffer.size, Math.floor((1 << 20) / 100));
  assert.is(lines[0], `… ${30_000 - buffer.size} lines before`);
});

test("empty lines without end keep no more memory than a megabyte of them", () => {
  const buffer = new LogBuffer();
  const piece = Array.from({ length: 1 << 16 }, () => "");
  for (let pieces = 0; pieces < 40; pieces++) buffer.push(piece);
  assert.is(buffer.size, 1 << 20);
  assert.is(buffer.last()[0], `… ${40 * (1 << 16) - (1 << 20)} lines before`);
});

test.run();
