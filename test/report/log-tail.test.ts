import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LogTail } from "../../src/report/log-tail.ts";

const test = suite("log tail");

function tailOf(...pieces: (readonly string[])[]): LogTail {
  const tail = new LogTail(2);
  for (const piece of pieces) tail.push(piece);
  return tail;
}

const table: readonly (readonly [string, LogTail, string[]])[] = [
  ["nothing", tailOf(), []],
  ["all", tailOf(["a"], ["b"]), ["a", "b"]],
  ["one too many", tailOf(["a"], ["b", "c"]), ["… 1 line before", "b", "c"]],
  ["a long piece", tailOf(["a", "b", "c", "d"]), ["… 2 lines before", "c", "d"]],
  ["an empty piece", tailOf(["a"], []), ["a"]],
];
for (const [name, tail, lines] of table)
  test(name, () => {
    assert.equal(tail.lines(), lines);
    assert.is(tail.last, lines.at(-1) ?? null);
  });

test.run();
