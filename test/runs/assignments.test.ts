import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { PikaciEvent } from "../../src/core/events.ts";
import { parseJobName } from "../../src/core/ids.ts";
import { rememberDivision, rememberedDivision } from "../../src/runs/assignments.ts";
import { makeDirectory, makeMemory, removeWorkspaces } from "../workspace.ts";

const test = suite("how files were divided among shards");
test.after(removeWorkspaces);

const job = parseJobName("unit");
const division = { job, count: 2, inputs: "1".repeat(64), paths: ["a", "b\nc", "d"] };
const shards = [["b\nc"], ["a", "d"]];

function scene() {
  const directory = makeDirectory();
  const events: PikaciEvent[] = [];
  const context = { memory: makeMemory(directory), emit: (event: PikaciEvent) => void events.push(event) };
  return { place: join(directory, "shards"), events, context };
}

test("what was divided is divided so again as long as all of it is the same", () => {
  const { context, events } = scene();
  assert.is(rememberedDivision(context.memory, division), null);
  rememberDivision(division, shards, context);
  assert.equal(rememberedDivision(context.memory, division), shards);
  const others = [
    { inputs: "2".repeat(64) },
    { count: 3 },
    { paths: ["a", "d"] },
    { job: parseJobName("lint") },
  ];
  for (const other of others)
    assert.is(rememberedDivision(context.memory, { ...division, ...other }), null, JSON.stringify(other));
  assert.equal(events, []);
});

test("a torn document, and one that lacks a file, are none", () => {
  const { context, place } = scene();
  rememberDivision(division, shards, context);
  const [name = ""] = readdirSync(place);
  const whole = { schema_version: 1, job, shards };
  for (const text of [
    "{",
    "[]",
    JSON.stringify({ ...whole, shards: [["a"], ["d"]] }),
    JSON.stringify({ ...whole, job: "lint" }),
  ]) {
    writeFileSync(join(place, name), text);
    assert.is(rememberedDivision(context.memory, division), null, text);
  }
});

test("one that cannot be kept is a warning", () => {
  const { context, place, events } = scene();
  rmSync(place, { recursive: true, force: true });
  writeFileSync(place, "no directory");
  rememberDivision(division, shards, context);
  assert.is(events.length, 1);
  const [event] = events;
  assert.match(
    event?.type === "warning" ? event.message : "",
    "how the files of unit are divided is not remembered: ",
  );
});

test.run();
