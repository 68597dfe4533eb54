import { spawn } from "node:child_process";
import { once } from "node:events";
import { lutimesSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Memory } from "../../src/core/context.ts";
import { isAbandoned, sourcesDirectory, stageName, sweepSources } from "../../src/nix/source-stages.ts";
import { localItems, removeLocal } from "../../src/operations/gc/local-items.ts";
import { makeDirectory as make } from "../../src/system/client-files.ts";
import { makeDirectory, makeMemory, removeWorkspaces } from "../workspace.ts";

const test = suite("source-stages");
test.after(removeWorkspaces);

const MODULE = new URL("../../src/nix/source-stages.ts", import.meta.url).href;

/** The name that a process would stage under which is killed before it can clean up. */
async function killedName(memory: Memory): Promise<string> {
  const text = `import { mkdirSync, writeFileSync } from "node:fs"; import { sourcesDirectory, stageName } from ${JSON.stringify(MODULE)};
    const stage = sourcesDirectory({ directory: process.argv[1] }) + "/" + stageName("hash");
    mkdirSync(stage, { recursive: true }); writeFileSync(stage + "/copy", "of the tree");
    process.stdout.write(stage.split("/").at(-1)); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, [
    "--import",
    "tsx",
    "--input-type=module",
    "-e",
    text,
    memory.directory ?? "",
  ]);
  const [name] = await once(child.stdout, "data");
  assert.is(isAbandoned(String(name)), false, "it lives");
  assert.equal(sweepSources(memory), []);
  child.kill("SIGKILL");
  await once(child, "close");
  return String(name);
}

test("what a killed client staged goes with the next use, what a living one stages stays", async () => {
  const memory = makeMemory();
  const killed = await killedName(memory);
  const own = stageName("hash");
  make(join(sourcesDirectory(memory), own));
  assert.equal(sweepSources(memory), [killed]);
  assert.equal(readdirSync(sourcesDirectory(memory)), [own]);
});

test("gc takes what a killed client staged, and roots by age", async () => {
  const memory = makeMemory();
  await killedName(memory);
  const directory = sourcesDirectory(memory);
  const [old, young] = ["a".repeat(64), "b".repeat(64)];
  for (const name of [old, young]) symlinkSync("/nix/store/none-source", join(directory, name));
  lutimesSync(join(directory, old), 1, 1);
  const now = new Date(100_000_000);
  lutimesSync(join(directory, young), now, now);
  const place = { stateDir: makeDirectory(), memory };
  const items = localItems(place, now);
  assert.equal(
    items.map(({ kind, name, ageMs }) => [kind, name, ageMs]),
    [
      ["sources", old, 99_999_000],
      ["sources", young, 0],
    ],
  );
  removeLocal(items.slice(0, 1), place);
  assert.equal(readdirSync(directory), [young]);
});

const names: Readonly<Record<string, boolean>> = {
  "another machine's": false,
  ".1~boot~namespace~1~elsewhere~hash": false,
  ["a".repeat(64)]: false,
  [stageName("hash").replace(/^\.\d+~[^~]+/, ".1~another-boot")]: true,
  [stageName("hash").replace(/~\d+~/, "~1~")]: true,
};

for (const [name, abandoned] of Object.entries(names))
  test(`${name} is ${abandoned ? "" : "not "}abandoned`, () => assert.is(isAbandoned(name), abandoned));

test("no source was ever staged: nothing to sweep", () => {
  const memory = makeMemory();
  writeFileSync(join(memory.directory ?? "", "file"), "");
  assert.equal(sweepSources(memory), []);
});

test.run();
