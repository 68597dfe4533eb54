import { spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SHELLS } from "../../host/call.ts";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";

const test = suite("mount points in a workspace");
test.after(removeWorkspaces);

const library = readFileSync(
  new URL("../../../nix/runners/mounts/tree/lib/mounts.sh", import.meta.url),
  "utf8",
);
const THEN = 315619200;

/** A directory with something prepared of each kind, a workspace, and something outside of it. */
function openPlace(): string {
  const root = makeDirectory();
  for (const directory of ["tree/sub", "tree/empty", "directory", "outside", "like"])
    mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, "file"), "text");
  writeFileSync(join(root, "tree/full"), "text");
  writeFileSync(join(root, "tree/blank"), "");
  symlinkSync("../outside", join(root, "tree/link"));
  symlinkSync("/nowhere", join(root, "tree/sub/dangling"));
  for (const path of ["tree/sub", "tree/empty", "tree", "like"]) utimesSync(join(root, path), THEN, THEN);
  return root;
}

function makePoint(shell: string, root: string, prepared: string, place: string) {
  const [program = "sh", ...applet] = shell.split(" ");
  const script = `set -u\n${library}\nmake_point "$1" tree "$2" like || { echo "$point_wrong"; exit 1; }`;
  return spawnSync(program, [...applet, "-c", script, "sh", prepared, place], {
    cwd: root,
    encoding: "utf8",
  });
}

for (const shell of SHELLS) {
  for (const [prepared, place] of [
    ["directory", "new"],
    ["directory", "sub/new er/-est"],
    ["directory", "empty"],
    ["file", "sub/new"],
    ["file", "a/b"],
    ["file", "blank"],
  ] as const)
    test(`${shell}: ${place} is made as ${prepared} is, and nothing looks newer for it`, () => {
      const root = openPlace();
      const { status, stdout, stderr } = makePoint(shell, root, prepared, place);
      assert.is(status, 0, stdout + stderr);
      assert.is(lstatSync(join(root, "tree", place)).isDirectory(), prepared === "directory");
      const steps = place.split("/").map((_, index, all) => all.slice(0, index).join("/"));
      for (const step of ["", ...steps])
        assert.is(lstatSync(join(root, "tree", step)).mtimeMs, THEN * 1000, step);
    });

  for (const [prepared, place, message] of [
    ["directory", "link", /symlink/],
    ["directory", "link/x", /symlink/],
    ["file", "sub/dangling", /symlink/],
    ["directory", "full", /something else/],
    ["directory", "full/x", /something else/],
    ["file", "full", /something else/],
    ["file", "sub", /something else/],
  ] as const)
    test(`${shell}: ${place} for a ${prepared} is refused, and nothing is made`, () => {
      const root = openPlace();
      const { status, stdout } = makePoint(shell, root, prepared, place);
      assert.is(status, 1);
      assert.match(stdout, message);
      assert.equal(readdirSync(join(root, "outside")), []);
    });
}

test.run();
