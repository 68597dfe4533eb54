import { suite } from "uvu";
import * as assert from "uvu/assert";
import { corruptionsOf, jsonDocument, wholeFile } from "./corruptions.ts";
import { randomNumbers } from "./random.ts";

const test = suite("corruptions");

const document = Buffer.from(
  JSON.stringify({ schema_version: 1, list: [{ name: "a" }, { name: "b" }], none: null }),
);

test("each field is missing, of a wrong type, and from the future; the first of a list stands for it", () => {
  const byName = new Map(jsonDocument(document).map(({ what, bytes }) => [what, JSON.parse(String(bytes))]));
  assert.equal(byName.get("list.0.name missing"), {
    ...{ schema_version: 1, list: [{}, { name: "b" }], none: null },
  });
  assert.is(byName.get("schema_version of a wrong type").schema_version, "1");
  assert.is(byName.get("list of a wrong type").list, "text");
  assert.equal(byName.get("none of a wrong type").none, [7]);
  assert.is(byName.get("list.0.name from the future").list[0].name, "from-the-future");
  assert.is(byName.size, 6 + 3 * 5);
});

test("every corruption changes the file, and none twice in one way", () => {
  const all = corruptionsOf(document);
  for (const { what, bytes } of all) assert.ok(bytes === null || !bytes.equals(document), what);
  assert.is(new Set(all.map(({ what }) => what)).size, all.length);
});

test("what is no JSON object or list has no fields", () => {
  assert.equal(jsonDocument(Buffer.from("log\n")), []);
  assert.is(wholeFile(Buffer.from("log\n")).length, 5);
});

test("random numbers are the same for the same seed, from 0 to 1", () => {
  const [a, b, other] = [randomNumbers(1), randomNumbers(1), randomNumbers(2)];
  const drawn = Array.from({ length: 100 }, () => a());
  assert.equal(
    drawn,
    Array.from({ length: 100 }, () => b()),
  );
  assert.ok(other() !== drawn[0]);
  assert.ok(drawn.every((one) => one >= 0 && one < 1) && new Set(drawn).size === 100);
});

test.run();
