import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Silence } from "../../src/remote/silence.ts";

test("told after a quarter, once, and over after all of it", async () => {
  const told: number[] = [];
  const silence = new Silence(400, (seconds) => told.push(seconds));
  assert.is(await silence.over, 0.4);
  assert.equal(told, [0.1]);
});

test("a word in time starts it anew; what was told is not told again", async () => {
  const told: number[] = [];
  let over = false;
  const silence = new Silence(2000, (seconds) => told.push(seconds));
  void silence.over.then(() => {
    over = true;
  });
  for (let n = 0; n < 4; n += 1) {
    await sleep(600);
    silence.heard();
  }
  assert.equal([told, over], [[0.5], false]);
  silence.end();
});

test("once ended it is never over", async () => {
  const silence = new Silence(50, () => assert.unreachable("it was told"));
  silence.end();
  const first = await Promise.race([silence.over, sleep(200).then(() => "nothing")]);
  assert.is(first, "nothing");
});

test.run();
