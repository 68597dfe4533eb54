import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import { ending } from "../../src/remote/ending.ts";

const error = new InfraError("network", "the connection was lost", { hint: "look" });
const never = new Promise<never>(() => {});
const unasked = () => {
  throw new Error("nobody needs to ask");
};

test("what closes at once is its own answer", async () => {
  assert.is(await ending(Promise.resolve(), unasked), "closed");
  assert.is(await ending(Promise.reject(error), unasked), error);
});

test("what stays open is open only when it is still there", async () => {
  assert.is(await ending(never, async () => true), "open");
});

test("what is gone and slow to close is waited for, however slow the machine is", async () => {
  const slow = sleep(3000).then(() => Promise.reject(error));
  assert.is(await ending(slow, async () => false), error);
});

test("what closes while the question is open needs no answer to it", async () => {
  const slow = sleep(2500).then(() => Promise.reject(error));
  assert.is(await ending(slow, () => never), error);
});

test.run();
