// needs: nix
// time-limit: 300
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "./lab/rig.ts";

const ROOT = resolve(import.meta.dirname, "..");
const test = suite<{ rig: Rig; home: string }>("pikaci runs its own unit tests");

/** This repository as it is now, with no tests but those given. */
function copyOfThis(rig: Rig): void {
  const listed = execFileSync("git", [
    "-C",
    ROOT,
    "ls-files",
    "-z",
    "--cached",
    "--others",
    "--exclude-standard",
  ]);
  const files = listed.toString("utf8").split("\0");
  for (const file of files.filter((name) => name !== "" && !name.endsWith(".test.ts"))) {
    mkdirSync(dirname(join(rig.dir, file)), { recursive: true });
    cpSync(join(ROOT, file), join(rig.dir, file));
  }
  symlinkSync(join(ROOT, "node_modules"), join(rig.dir, "node_modules"));
}

function unitTest(expected: number): string {
  return [
    'import { suite } from "uvu";',
    'import * as assert from "uvu/assert";',
    'const test = suite("arithmetic");',
    `test("one and one", () => assert.is(1 + 1, ${expected}));`,
    "test.run();\n",
  ].join("\n");
}

test.before((context) => {
  context.home = mkdtempSync(join(tmpdir(), "pikaci-home-"));
  context.rig = openRig({ HOME: context.home });
  copyOfThis(context.rig);
});

test.after(({ rig, home }) => {
  rig.remove();
  rmSync(home, { recursive: true, force: true });
});

for (const [expected, code, line] of [
  [2, 0, "1 passed, 0 failed"],
  [3, 1, "0 passed, 1 failed"],
] as const) {
  test(`a unit test that says 1 + 1 = ${expected} ends the run with ${code}`, async ({ rig }) => {
    rig.write({ "test/arithmetic.test.ts": unitTest(expected) });
    const ended = await rig.pikaci("run", "--job", "unit");
    assert.is(ended.code, code, ended.stderr);
    assert.match(rig.jobFile("unit", "guest.log"), new RegExp(`^${line}`, "m"));
    assert.match(rig.jobFile("unit", "artifacts/unit.txt"), new RegExp(`^${line}`, "m"));
  });
}

test.run();
