import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseHostUrl, parseJobName, parseRunId } from "../../../src/core/ids.ts";
import { HEARTBEAT_MS, STALL_MS, Watch } from "../../../src/report/ci/watch.ts";

const test = suite("watch");
const [a, b] = [parseJobName("a"), parseJobName("b")];
const runId = parseRunId("20260101T000000Z-0123abcd");

function started(): Watch {
  const watch = new Watch();
  watch.note({ type: "run-started", runId, target: null, host: parseHostUrl("local"), jobs: [a, b] }, 1000);
  watch.note({ type: "job-phase", job: a, phase: "running" }, 1000);
  watch.note({ type: "job-phase", job: b, phase: "booting" }, 11_000);
  watch.printed(11_000);
  return watch;
}

test("a heartbeat after a minute in which nothing was printed, naming what runs", () => {
  const watch = started();
  assert.equal(watch.due(11_000 + HEARTBEAT_MS - 1), []);
  const [beat, ...more] = watch.due(11_000 + HEARTBEAT_MS);
  assert.equal(more, []);
  assert.equal(beat, { kind: "heartbeat", text: "still running: a (1 min 10 s), b (booting, 1 min)" });
  watch.printed(11_000 + HEARTBEAT_MS);
  assert.equal(watch.due(12_000 + HEARTBEAT_MS), []);
});

test("a stage that takes long is named too", () => {
  const watch = new Watch();
  watch.note({ type: "stage-started", stage: "prepare", job: null }, 1000);
  watch.printed(1000);
  assert.equal(watch.due(1000 + HEARTBEAT_MS), [
    { kind: "heartbeat", text: "still running: prepare (1 min)" },
  ]);
  watch.note({ type: "stage-finished", stage: "prepare", job: null, durationMs: 1 }, 70_000);
  assert.equal(watch.due(10 * HEARTBEAT_MS), []);
});

test("nothing when nothing runs", () => {
  const watch = new Watch();
  assert.equal(watch.due(HEARTBEAT_MS * 10), []);
});

test("one warning for a silence; a job that speaks again may stall again", () => {
  const watch = started();
  const at = 11_000 + STALL_MS;
  watch.note({ type: "job-log", job: b, data: Buffer.from("x") }, at - 1000);
  watch.printed(at);
  assert.equal(watch.due(at), [
    { kind: "stall", text: "a has said nothing for 5 min 10 s; its timeout will end it" },
  ]);
  assert.equal(watch.due(at + 1), []);
  watch.note({ type: "job-log", job: a, data: Buffer.from("x") }, at + 2);
  watch.printed(at + 2 + STALL_MS);
  assert.equal(
    watch.due(at + 2 + STALL_MS).map(({ kind }) => kind),
    ["stall", "stall"],
  );
});

test.run();
