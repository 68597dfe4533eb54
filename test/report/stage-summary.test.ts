import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { PikaciEvent } from "../../src/core/events.ts";
import { parseContentHash } from "../../src/core/ids.ts";
import { StageSummary } from "../../src/report/stage-summary.ts";

const test = suite("what a stage says at its end");
const contentHash = parseContentHash("ab".repeat(32));
const published = (outcome: "reused" | "uploaded"): PikaciEvent => ({
  type: "published",
  contentHash,
  outcome,
  bytesSent: 0,
});
const runner = (outcome: "reused" | "built"): PikaciEvent => ({
  type: "runner-ready",
  backend: "sandbox",
  contentHash,
  outcome,
});

const NOTHING = "nothing was uploaded, evaluated or built";
const cases: readonly (readonly [name: string, events: readonly PikaciEvent[], render: string])[] = [
  ["all is reused", [published("reused"), runner("reused")], `sandbox reused; ${NOTHING}`],
  ["every verdict is known, so no runner is needed", [published("reused")], NOTHING],
  ["the runner is built", [published("reused"), runner("built")], "sandbox built"],
  ["the tree is sent", [published("uploaded"), runner("reused")], "sandbox reused"],
  ["the tree is sent, and no runner is needed", [published("uploaded")], ""],
];

for (const [name, events, render] of cases)
  test(name, () => {
    const summary = new StageSummary();
    for (const event of events) summary.note(event);
    assert.is(summary.of("render"), render);
  });

test.run();
