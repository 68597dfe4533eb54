import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { PacedWrites } from "../../src/runs/paced-writes.ts";

/** Waits until `done`, at most 10 s. */
async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done() && tries < 1000; tries++) await sleep(10);
  assert.ok(done());
}

function busy(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

test("many changes at once are one write, and the last change is written", async () => {
  let value = 0;
  const written: number[] = [];
  const writes = new PacedWrites(() => written.push(value));
  for (value = 1; value < 100; value++) writes.changed();
  assert.equal(written, [], "not by the change itself");
  await until(() => written.length > 0);
  assert.equal(written, [100]);
});

test("what takes long to write is written seldom, unless it has to be at once", async () => {
  const at: number[] = [];
  const writes = new PacedWrites(() => {
    at.push(performance.now());
    busy(50);
  });
  writes.changed();
  await until(() => at.length === 1);
  writes.changed();
  writes.changed();
  await until(() => at.length === 2);
  const [first = 0, second = 0] = at;
  assert.ok(second - first >= 500, `${second - first} ms`);
  writes.changed();
  writes.changedAtOnce();
  // Timers end in their order: the pause of 500 ms is not over yet.
  await sleep(100);
  assert.is(at.length, 3);
});

test("what is stopped is not written", async () => {
  let count = 0;
  const writes = new PacedWrites(() => count++);
  writes.changed();
  writes.stop();
  await sleep(30);
  assert.is(count, 0);
  writes.changed();
  await until(() => count === 1);
});

test.run();
