import { test } from "uvu";
import * as assert from "uvu/assert";
import type { PikaciEvent } from "../../src/core/events.ts";
import { HeldEvents } from "../../src/operations/held-events.ts";

const warning = (message: string): PikaciEvent => ({ type: "warning", message, hint: null });

test("events are held until they are released, come in their order and only once", () => {
  const told: PikaciEvent[] = [];
  const held = new HeldEvents((event) => told.push(event));
  held.emit(warning("a"));
  held.emit(warning("b"));
  assert.equal(told, []);
  held.release();
  held.emit(warning("c"));
  held.release();
  assert.equal(told, [warning("a"), warning("b"), warning("c")]);
});

test.run();
