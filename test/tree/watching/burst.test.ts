import { test } from "uvu";
import * as assert from "uvu/assert";
import { bytePath } from "../../../src/core/byte-path.ts";
import { type Burst, endOf, isStorm, withEvent } from "../../../src/tree/watching/burst.ts";

const written = { moved: null, rules: false };
const moved = (name: string) => ({ moved: bytePath(Buffer.from(name)), rules: false });

/** A burst of events at these milliseconds. */
function at(...times: readonly number[]): Burst {
  const burst = times.reduce<Burst | null>((before, time) => withEvent(before, written, time), null);
  if (burst === null) throw new Error("no event");
  return burst;
}

for (const [what, times, end] of [
  ["one event", [100], 130],
  ["two close ones", [100, 120], 150],
  ["events that do not stop", [100, 600, 1090], 1100],
] as const)
  test(`the end of ${what}`, () => assert.is(endOf(at(...times)), end));

test("names that moved are kept, each once", () => {
  const burst = [moved("a"), written, moved("b"), moved("a")].reduce<Burst | null>(
    (before, event) => withEvent(before, event, 0),
    null,
  );
  assert.equal([[...(burst?.moved ?? [])], burst?.events], [["a", "b"], 4]);
});

for (const [what, events, rules, queue, storm] of [
  ["a save", 3, false, 16_384, false],
  ["a large checkout", 1_000, false, 16_384, true],
  ["a good part of a short queue", 16, false, 128, true],
  ["a changed .gitignore", 1, true, 16_384, true],
] as const)
  test(`all directories are looked at after ${what}: ${storm}`, () => {
    const burst = { began: 0, latest: 0, events, moved: new Set<never>(), rules };
    assert.is(isStorm(burst, queue), storm);
  });

test.run();
