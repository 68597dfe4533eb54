import { test } from "uvu";
import * as assert from "uvu/assert";
import type { PikaciEvent } from "../../src/core/events.ts";
import { parseJobName } from "../../src/core/ids.ts";
import { AttemptOrder, parseAttemptLine } from "../../src/guest/attempts.ts";

const job = parseJobName("unit");
const tell = (events: readonly PikaciEvent[]) =>
  events.map((event) => {
    if (event.type === "job-log") return event.data.toString();
    if (event.type === "job-attempt") return `<${event.attempt}>`;
    return event.type === "job-phase" ? `(${event.phase})` : event.type;
  });

/** `+TEXT`: a piece of the log; `@N AT`: attempt N begins there; `!PHASE`. */
function play(steps: readonly string[], offset = 0): string {
  const order = new AttemptOrder(offset);
  const events = steps.flatMap((step) => {
    const rest = step.slice(1);
    if (step.startsWith("+")) return order.log(job, Buffer.from(rest));
    if (step.startsWith("!"))
      return order.note({ type: "job-phase", job, phase: rest as "booting" | "running" });
    const [attempt, at] = rest.split(" ");
    const begins = parseAttemptLine(`attempt ${attempt} 9 ${at} exit 1`, job);
    return begins === null ? [] : order.begin(begins);
  });
  return tell([...events, ...order.end()]).join(" ");
}

for (const [what, steps, expected, offset] of [
  ["no attempts", ["!booting", "+ab", "!running", "+c"], "(booting) ab (running) c"],
  ["the log is there", ["+ab", "@2 2", "!booting", "+c"], "ab <2> (booting) c"],
  ["the log comes later", ["@2 3", "!booting", "!running", "+ab", "+cd"], "ab c <2> (booting) (running) d"],
  ["a piece with two beginnings", ["@2 1", "@3 2", "+abc"], "a <2> b <3> c"],
  ["attempts that say nothing", ["@2 0", "@3 0", "!booting", "+a"], "<2> <3> (booting) a"],
  ["at the end of a piece", ["@2 2", "+ab", "!running", "+c"], "ab <2> (running) c"],
  ["a client that comes back", ["@2 12", "+ab", "+c"], "ab <2> c", 10],
  ["a log that was cut off", ["+a", "@2 5", "!running"], "a <2> (running)"],
] as const)
  test(`in order: ${what}`, () => assert.is(play(steps, offset), expected));

test("a reason is all of the rest; other lines are none", () => {
  assert.equal(parseAttemptLine("attempt 2 3 17 run: past its timeout of 3 s", job), {
    at: 17,
    event: { type: "job-attempt", job, attempt: 2, of: 3, reason: "run: past its timeout of 3 s" },
  });
  for (const line of [
    "attempt",
    "attempt 2 3",
    "attempt 2 3 x y",
    "exit 2",
    "attempt -1 3 4 x",
    " attempt 2 3 1 x",
  ])
    assert.is(parseAttemptLine(line, job), null);
});

test.run();
