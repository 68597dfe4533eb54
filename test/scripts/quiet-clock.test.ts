import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { quietLimit, quietSeconds, shareOfCore } from "../../scripts/suites/quiet-clock.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("a process's share of a core", () => {
  assert.is(shareOfCore("0.00 0.01 0.05 1/123 456\n", 2), 1);
  assert.is(shareOfCore("9.99 0.01 0.05 2/123 456\n", 2), 1);
  assert.is(shareOfCore("0.00 0.01 0.05 20/123 456\n", 2), 0.1);
  assert.is(shareOfCore("0.00 0.01 0.05 0/123 456\n", 2), 1);
  assert.is(shareOfCore("something else", 2), 1);
});

test("beside busy processes a second counts for less", async () => {
  const words = ["-e", "process.stdout.write('on'); for (;;);"];
  const busy = Array.from({ length: 4 * availableParallelism() }, () => spawn(process.execPath, words));
  try {
    await Promise.all(busy.map(({ stdout }) => once(stdout, "data")));
    const [quiet, began] = [quietSeconds(), performance.now()];
    await pause(1000);
    const seconds = (performance.now() - began) / 1000;
    assert.ok(quietSeconds() - quiet < seconds / 2, `${quietSeconds() - quiet} of ${seconds} s`);
  } finally {
    for (const one of busy) one.kill("SIGKILL");
  }
});

test("a limit is over after its time, and stays over", async () => {
  const over = quietLimit(0.2);
  assert.is(over(), false);
  while (!over()) await pause(20);
  assert.is(over(), true);
});

test.run();
