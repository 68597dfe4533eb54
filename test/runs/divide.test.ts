import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { divide } from "../../src/runs/divide.ts";

const test = suite("dividing files among shards");

const file = (path: string, size = 10) => ({ path, size });
const none = new Map<string, number>();

test("without times the largest go first, each to the shard that has least", () => {
  const files = [file("a", 1), file("b", 9), file("c", 5), file("d", 5), file("e", 3)];
  assert.equal(divide(files, none, 2), [
    ["b", "e"],
    ["a", "c", "d"],
  ]);
});

test("times count more than sizes, and a file without one counts at the pace of the others", () => {
  const files = [file("slow", 9), file("quick", 999), file("new", 9), file("other", 9)];
  const times = new Map([
    ["slow", 9000],
    ["quick", 1],
    ["other", 4000],
  ]);
  const [first, second] = divide(files, times, 2);
  assert.equal(first, ["slow"]);
  assert.equal(second, ["new", "other", "quick"]);
});

test("the order in which files come means nothing, each is in one shard, and none is empty", () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 30 });
  void fc.assert(
    fc.property(
      names,
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.integer({ min: 0, max: 9 })),
      (paths, count, ms) => {
        const files = paths.map((path, index) => file(path, (index * 7) % 5));
        const times = new Map(paths.slice(0, ms.length).map((path, index) => [path, ms[index] ?? 0]));
        const shards = divide(files, times, count);
        assert.equal(divide(files.toReversed(), times, count), shards);
        assert.equal(shards.flat().sort(), [...paths].sort());
        assert.is(shards.length, count);
        if (paths.length >= count)
          assert.ok(
            shards.every(({ length }) => length > 0),
            JSON.stringify(shards),
          );
      },
    ),
  );
});

test.run();
