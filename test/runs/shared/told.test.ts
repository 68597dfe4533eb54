import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseTold } from "../../../src/runs/shared/told.ts";

const [a, b] = ["a".repeat(64), "b".repeat(64)];

test("what a host tells is taken apart by lengths, whatever the bytes are", () => {
  assert.equal(parseTold(Buffer.alloc(0)), []);
  const bytes = Buffer.from("{\n\0\xff}", "latin1");
  const body = Buffer.concat([Buffer.from(`${a} ${b} 5\n`), bytes, Buffer.from(`\n${b} ${a} 0\n\n`)]);
  assert.equal(parseTold(body), [
    { key: a, name: b, bytes },
    { key: b, name: a, bytes: Buffer.alloc(0) },
  ]);
});

for (const [name, text] of [
  ["no line", "x"],
  ["a key that is none", `${a.toUpperCase()} ${b} 1\nx\n`],
  ["fewer bytes than were said", `${a} ${b} 9\nx\n`],
  ["more bytes than were said", `${a} ${b} 1\nxx\n`],
  ["a length that is no number", `${a} ${b} -1\nx\n`],
  ["no newline at the end", `${a} ${b} 1\nx`],
] as const)
  test(`${name}: nothing of it is taken`, () => assert.is(parseTold(Buffer.from(text)), null));

test.run();
