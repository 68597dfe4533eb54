import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Mask } from "../../src/runs/mask.ts";
import { maskCases } from "./mask-cases.ts";

const test = suite("mask");

function streamed(values: readonly string[], pieces: readonly (string | Buffer)[]): string {
  const stream = new Mask(values).stream();
  const shown = pieces.map((piece) => stream.push(Buffer.from(piece)));
  return Buffer.concat([...shown, stream.end()]).toString("latin1");
}

for (const [name, values, pieces, shown] of maskCases)
  test(name, () => assert.is(streamed(values, pieces), shown));

test("however a log is cut, no secret is shown and nothing else is lost", () => {
  const letters = fc.constantFrom("a", "b", "c");
  const word = fc.string({ unit: letters, minLength: 4, maxLength: 7 });
  const text = fc.string({ unit: letters, maxLength: 60 });
  const cuts = fc.array(fc.nat(60), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), text, cuts, (secrets, log, places) => {
      const sorted = [0, ...places.filter((place) => place < log.length), log.length].sort((a, b) => a - b);
      const pieces = sorted.slice(1).map((end, index) => log.slice(sorted[index], end));
      const shown = streamed(secrets, pieces);
      assert.is(shown, streamed(secrets, [log]));
      assert.is(shown, new Mask(secrets).text(log));
      for (const secret of secrets) assert.not.ok(shown.includes(secret));
    }),
    { numRuns: 2000 },
  );
});

test("a document: texts, not keys; other objects as they are", () => {
  const mask = new Mask(["hunter22"]);
  const data = Buffer.from("hunter22");
  const value = { hunter22: ["a hunter22", 1, null, { deep: "hunter22" }], data };
  assert.equal(mask.document(value), { hunter22: ["a ***", 1, null, { deep: "***" }], data });
  assert.is(new Mask([]).document(value), value);
  assert.is(mask.text("pä hunter22 ß"), "pä *** ß");
});

test("100 pieces of 64 kB with a long secret are quick work", () => {
  const stream = new Mask(["k".repeat(4000), "hunter22"]).stream();
  const piece = Buffer.alloc(1 << 16, "k");
  for (let n = 0; n < 100; n++) stream.push(piece);
  assert.ok(stream.end().length < 4000);
});

test.run();
