import { spawn } from "node:child_process";
import { once } from "node:events";
import { lutimesSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isAbandoned, sourcesDirectory, stageName, sweepSources } from "../../src/nix/source-stages.ts";
import { localItems, removeLocal } from "../../src/operations/gc/local-items.ts";
import { makeDirectory as make } from "../../src/system/client-files.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("source-stages");
test.after(removeWorkspaces);

const MODULE = new URL("../../src/nix/source-stages.ts", import.meta.url).href;

/** The name that a process would stage under which is killed before it can clean up. */
async function killedName(stateDir: string): Promise<string> {
  const text = `import { mkdirSync, writeFileSync } from "node:fs"; import { sourcesDirectory, stageName } from ${JSON.stringify(MODULE)};
    const stage = sourcesDirectory(process.argv[1]) + "/" + stageName("hash");
    mkdirSync(stage, { recursive: true }); writeFileSync(stage + "/copy", "of the tree");
    process.stdout.write(stage.split("/").at(-1)); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", text, stateDir]);
  const [name] = await once(child.stdout, "data");
  assert.is(isAbandoned(String(name)), false, "it lives");
  assert.equal(sweepSources(stateDir), []);
  child.kill("SIGKILL");
  await once(child, "close");
  return String(name);
}

test("what a killed client staged goes with the next use, what a living one stages stays", async () => {
  const stateDir = makeDirectory();
  const killed = await killedName(stateDir);
  const own = stageName("hash");
  make(join(sourcesDirectory(stateDir), own));
  assert.equal(sweepSources(stateDir), [killed]);
  assert.equal(readdirSync(sourcesDirectory(stateDir)), [own]);
});

test("gc takes what a killed client staged, and roots by age", async () => {
  const stateDir = makeDirectory();
  await killedName(stateDir);
  const directory = sourcesDirectory(stateDir);
  const [old, young] = ["a".repeat(64), "b".repeat(64)];
  for (const name of [old, young]) symlinkSync("/nix/store/none-source", join(directory, name));
  lutimesSync(join(directory, old), 1, 1);
  const now = new Date(100_000_000);
  lutimesSync(join(directory, young), now, now);
  const items = localItems(stateDir, now);
  assert.equal(
    items.map(({ kind, name, ageMs }) => [kind, name, ageMs]),
    [
      ["sources", old, 99_999_000],
      ["sources", young, 0],
    ],
  );
  removeLocal(items.slice(0, 1), stateDir);
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
  const stateDir = makeDirectory();
  writeFileSync(join(stateDir, "file"), "");
  assert.equal(sweepSources(stateDir), []);
});

test.run();
