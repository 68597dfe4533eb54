import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { forgotten, removeForgotten } from "../../../src/operations/gc/forgotten.ts";
import { openMemory } from "../../../src/system/client-memory.ts";
import { sweepClocks } from "../../../src/tree/tree-clock.ts";
import { makeContext, makeDirectory, removeWorkspaces } from "../../workspace.ts";

const test = suite("what nothing needs any more");
test.after(removeWorkspaces);

test("caches of workspaces that are gone go, others stay", () => {
  const HOME = makeDirectory();
  const context = makeContext({ HOME });
  const [here, gone] = [makeDirectory(), makeDirectory()];
  const own = openMemory(here, { HOME }).memory.directory ?? "";
  const lost = openMemory(gone, { HOME }).memory.directory ?? "";
  writeFileSync(join(lost, "client-paths.json"), "{}");
  assert.equal(forgotten(context), []);
  rmSync(gone, { recursive: true });
  const [decision, ...others] = forgotten(context);
  assert.equal([decision?.item.kind, others], ["caches", []]);
  assert.ok(decision?.remove && decision.item.bytes > 0);
  assert.match(decision?.why ?? "", `its workspace ${gone} is gone`);
  removeForgotten(context);
  assert.equal([existsSync(own), existsSync(lost)], [true, false]);
});

test("what does not say whose it is goes after a day, and what has no name of a cache's never", () => {
  const HOME = makeDirectory();
  const context = makeContext({ HOME });
  const caches = join(HOME, ".cache/pikaci");
  const [old, young] = ["a".repeat(64), "b".repeat(64)];
  for (const name of [old, young, "letters"]) mkdirSync(join(caches, name), { recursive: true });
  writeFileSync(join(caches, young, "workspace"), "/nonexistent");
  for (const name of [old, "letters"]) utimesSync(join(caches, name), 1, 1);
  removeForgotten(context);
  assert.equal(readdirSync(caches), [young, "letters"]);
});

test("what an older pikaci remembered in the tree goes, and nothing that it leads to", () => {
  const context = makeContext({ HOME: makeDirectory() });
  const outside = makeDirectory();
  writeFileSync(join(outside, "precious"), "mine");
  mkdirSync(join(context.stateDir, "cache/sources"), { recursive: true });
  symlinkSync(outside, join(context.stateDir, "cache/sources/root"));
  symlinkSync(join(outside, "precious"), join(context.stateDir, "cache/client-paths.json"));
  assert.equal(
    forgotten(context).map(({ item, remove }) => [item.kind, item.name, remove]),
    [["old-cache", "cache", true]],
  );
  removeForgotten(context);
  assert.not(existsSync(join(context.stateDir, "cache")));
  symlinkSync(outside, join(context.stateDir, "cache"));
  removeForgotten(context);
  assert.equal([readdirSync(context.stateDir), readdirSync(outside)], [[], ["precious"]]);
});

test("clocks that killed clients left go, young ones and what is none stay", () => {
  const context = makeContext();
  mkdirSync(context.stateDir, { recursive: true });
  for (const name of ["clock.1", "clock.2", "clock.txt"]) writeFileSync(join(context.stateDir, name), "");
  for (const name of ["clock.1", "clock.txt"]) utimesSync(join(context.stateDir, name), 1, 1);
  sweepClocks(context);
  assert.equal(readdirSync(context.stateDir).sort(), ["clock.2", "clock.txt"]);
});

test("an account without a home has no caches", () => {
  assert.equal(forgotten(makeContext({ HOME: "" })), []);
});

test.run();
