import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ConfigError, SnapshotRefused } from "../../src/core/errors.ts";
import { confinedPath } from "../../src/nix/confine.ts";
import { makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite<{ tree: string; home: string }>("client paths of a stranger's tree");
test.before.each((context) => {
  const root = realpathSync(makeDirectory());
  context.tree = join(root, "tree");
  context.home = join(root, "home");
  writeFiles(root, {
    "home/.ssh/id": "not a key\n",
    "tree/deps/a": "1",
    "tree/.git/config": "",
    "tree2/x": "",
  });
  mkdirSync(join(context.tree, ".pikaci"));
  symlinkSync("deps", join(context.tree, "inside"));
  symlinkSync("../home/.ssh", join(context.tree, "end"));
  symlinkSync(context.home, join(context.tree, "middle"));
  symlinkSync("end", join(context.tree, "chain"));
  symlinkSync(".git", join(context.tree, "git"));
  symlinkSync("nowhere", join(context.tree, "dangling"));
  symlinkSync("loop", join(context.tree, "loop"));
});
test.after(removeWorkspaces);

for (const path of ["deps", "./deps/a", "inside", "inside/a", "deps/../deps"])
  test(`${path} lies in the tree`, ({ tree }) => {
    assert.match(confinedPath(tree, path), new RegExp(`^${tree}/deps`));
  });

const refused: readonly [path: string, why: RegExp][] = [
  ["/etc", /is absolute/],
  ["../home", /leaves the workspace/],
  ["deps/../../tree2", /leaves the workspace/],
  ["end", /leads to .*\/home\/\.ssh, out of the workspace/],
  ["middle/.ssh", /leads to .*\/home\/\.ssh, out of the workspace/],
  ["chain", /leads to .*\/home\/\.ssh, out of the workspace/],
  [".", /is the whole workspace/],
  ["", /is the whole workspace/],
  [".git/config", /leads into \.git/],
  ["git", /leads into \.git/],
  [".pikaci", /leads into \.pikaci/],
];

for (const [path, why] of refused)
  test(`${JSON.stringify(path)} is refused`, ({ tree }) => {
    const error = thrown(() => confinedPath(tree, path));
    assert.instance(error, ConfigError);
    assert.match(String(error), why);
  });

test("the absolute path of the tree itself is refused too: a configuration of the tree can't know it", ({
  tree,
}) => {
  assert.match(String(thrown(() => confinedPath(tree, join(tree, "deps")))), /is absolute/);
});

for (const path of ["missing", "dangling", "loop", "$HOME/.ssh", "~/.ssh", "deps/a/b"])
  test(`${path} is nothing in the tree, and is never looked for elsewhere`, ({ tree }) => {
    assert.instance(
      thrown(() => confinedPath(tree, path)),
      SnapshotRefused,
    );
  });

test("a tree that is reached by a symlink is a tree", ({ tree }) => {
  symlinkSync(tree, `${tree}-link`);
  assert.is(confinedPath(`${tree}-link`, "inside/a"), join(tree, "deps/a"));
});

function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("it was expected to throw");
}

test.run();
