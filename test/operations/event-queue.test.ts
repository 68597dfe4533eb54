import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { PikaciEvent } from "../../src/core/events.ts";
import { parseJobName } from "../../src/core/ids.ts";
import { EventQueue } from "../../src/operations/event-queue.ts";

const test = suite("event queue");
const job = parseJobName("a");
const line = (text: string): PikaciEvent => ({ type: "nix-log", line: text });
const chunk = (size: number): PikaciEvent => ({ type: "job-log", job, data: Buffer.alloc(size) });

async function drain(queue: EventQueue): Promise<string[]> {
  const types: string[] = [];
  for await (const event of queue.read()) types.push(event.type === "nix-log" ? event.line : event.type);
  return types;
}

test("events wait for a late reader, in order", async () => {
  const queue = new EventQueue();
  queue.push(line("1"));
  queue.push(line("2"));
  queue.close();
  assert.equal(await drain(queue), ["1", "2"]);
  assert.equal(await drain(queue), [], "once only");
});

test("a reader waits for events", async () => {
  const queue = new EventQueue();
  const read = drain(queue);
  for (const text of ["1", "2", "3"]) {
    await new Promise((resolve) => setImmediate(resolve));
    queue.push(line(text));
  }
  queue.close();
  assert.equal(await read, ["1", "2", "3"]);
});

test("log text that nobody reads is bounded, and the loss is said once", async () => {
  const queue = new EventQueue();
  for (let n = 0; n < 40; n++) queue.push(chunk(1024 * 1024));
  queue.push(line("kept"));
  queue.close();
  const types = await drain(queue);
  assert.is(types.filter((type) => type === "job-log").length, 16);
  assert.equal(types.slice(16), ["warning", "kept"]);
});

test("a reader that keeps up loses nothing", async () => {
  const queue = new EventQueue();
  const read = drain(queue);
  for (let n = 0; n < 40; n++) {
    queue.push(chunk(1024 * 1024));
    await new Promise((resolve) => setImmediate(resolve));
  }
  queue.close();
  assert.is((await read).length, 40);
});

test("after a reader has left, nothing is kept", async () => {
  const queue = new EventQueue();
  queue.push(line("1"));
  for await (const _ of queue.read()) break;
  queue.push(line("2"));
  assert.equal(await drain(queue), []);
});

test.run();
