import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SHELLS } from "../../host/call.ts";
import { makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";

const test = suite("times in the workspace of a build");
test.after(removeWorkspaces);

const library = readFileSync(
  new URL("../../../nix/runners/derivation/tree/lib/times.sh", import.meta.url),
  "utf8",
);
const THEN = 315619200;
const timeOf = (...path: string[]) => lstatSync(join(...path)).mtimeMs / 1000;

function setTimes(shell: string, ...words: string[]): void {
  const [program = "", ...applet] = shell.split(" ");
  const script = `${library}\nset_times ${THEN} "$@"`;
  const { status, stderr } = spawnSync(program, [...applet, "-c", script, "sh", ...words], {
    encoding: "utf8",
  });
  assert.is(status, 0, stderr);
}

for (const shell of SHELLS) {
  test(`${shell}: all have one time, and git's index is younger`, () => {
    const root = makeDirectory();
    writeFiles(root, { "tree/odd\nname -x": "", "tree/.git/index": "", "tree/.git/HEAD": "" });
    mkdirSync(join(root, "like"));
    symlinkSync("nowhere", join(root, "tree/link"));
    setTimes(shell, join(root, "tree"), join(root, "like"));
    for (const path of ["tree", "tree/odd\nname -x", "tree/link", "tree/.git/HEAD", "like"])
      assert.is(timeOf(root, path), THEN, path);
    assert.is(timeOf(root, "tree/.git/index"), THEN + 1);
  });

  for (const [what, target] of [
    ["a directory outside", "../outside"],
    ["nothing", "nowhere"],
  ] as const)
    test(`${shell}: a \`.git\` that leads to ${what} is not followed`, () => {
      const root = makeDirectory();
      writeFiles(root, { "tree/file": "", "outside/index": "" });
      symlinkSync(target, join(root, "tree/.git"));
      setTimes(shell, join(root, "tree"));
      assert.is(timeOf(root, "tree/.git"), THEN);
      assert.ok(timeOf(root, "outside/index") > THEN + 1);
    });

  test(`${shell}: an index that is a symlink is not followed`, () => {
    const root = makeDirectory();
    writeFiles(root, { "tree/.git/HEAD": "", outside: "" });
    symlinkSync("../../outside", join(root, "tree/.git/index"));
    setTimes(shell, join(root, "tree"));
    assert.ok(timeOf(root, "outside") > THEN + 1);
  });
}

test.run();
