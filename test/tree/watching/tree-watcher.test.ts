import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../../scripts/suites/children.ts";
import { bytePath } from "../../../src/core/byte-path.ts";
import { openWorkTree } from "../../../src/system/git.ts";
import { excludeRule } from "../../../src/tree/filters.ts";
import { directoriesOf } from "../../../src/tree/watching/directories.ts";
import { TreeWatcher } from "../../../src/tree/watching/tree-watcher.ts";
import { eventually } from "../../lab/rig.ts";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";

interface Scene {
  root: string;
  bursts: number;
  errors: unknown[];
  watcher: TreeWatcher;
}

const test = suite<Scene>("what tells when to look at a tree");
const context = { env: process.env, signal: new AbortController().signal };

test.before.each(async (scene) => {
  scene.root = makeDirectory();
  scene.bursts = 0;
  scene.errors = [];
  const { root } = scene;
  execFileSync("git", ["init", "-q", root]);
  for (const directory of ["src/deep", "empty", "build/out", "left/out", "nested/.git"])
    mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, ".gitignore"), "build\n*.o\n");
  writeFileSync(join(root, "src/a"), "1");
  symlinkSync("/", join(root, "link"));
  const grounds = {
    root,
    tree: await openWorkTree(root, context),
    excluded: excludeRule({ include: [], exclude: ["left"] }),
    known: directoriesOf([]),
    ignored: new Set([bytePath(Buffer.from("src/known.o"))]),
  };
  const listener = {
    onFirst: () => {},
    onQuiet: () => {
      scene.bursts += 1;
    },
    onError: (error: unknown) => scene.errors.push(error),
  };
  scene.watcher = new TreeWatcher(grounds, listener, context);
  await scene.watcher.begin([
    { directory: join(root, ".git"), names: ["HEAD", "index"], rules: false },
    { directory: join(root, ".git/info"), names: ["exclude"], rules: true },
  ]);
});
test.after.each(({ watcher, errors }) => {
  watcher.close();
  assert.equal(errors, []);
});
test.after(removeWorkspaces);

/** Does something, and waits for the burst that tells of it. */
async function tells(scene: Scene, what: string, act: () => void): Promise<void> {
  const before = scene.bursts;
  act();
  await eventually(`${what} is noticed`, 20, () => (scene.bursts > before ? true : null));
}

test("a directory that appears during the first walk stays watched", async () => {
  const root = makeDirectory();
  const bin = makeDirectory();
  execFileSync("git", ["init", "-q", root]);
  mkdirSync(join(root, "1/2/3/4/5/6/7"), { recursive: true });
  // Each level of directories asks git once: so the walk takes as long as it takes others to be noticed.
  writeFileSync(join(bin, "git"), '#!/bin/sh\nsleep 0.2\nPATH=${PATH#*:}\nexec git "$@"\n', { mode: 0o755 });
  const slow = { ...context, env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } };
  let bursts = 0;
  const listener = {
    onFirst: () => {},
    onQuiet: () => {
      bursts += 1;
    },
    onError: (error: unknown) => {
      throw error;
    },
  };
  const grounds = {
    root,
    tree: await openWorkTree(root, slow),
    excluded: excludeRule({ include: [], exclude: [] }),
    known: directoriesOf([]),
    ignored: new Set<never>(),
  };
  const watcher = new TreeWatcher(grounds, listener, slow);
  try {
    const begun = watcher.begin([]);
    await eventually("the root is watched", 20, () => (watcher.directories > 0 ? true : null));
    mkdirSync(join(root, "late"));
    await begun;
    await eventually("late is noticed", 20, () => (bursts > 0 ? true : null));
    assert.is(watcher.directories, 9);
    const before = bursts;
    writeFileSync(join(root, "late/file"), "1");
    await eventually("a file in it is noticed", 20, () => (bursts > before ? true : null));
  } finally {
    watcher.close();
  }
});

test("watched are all directories in which a file that counts can appear, and no others", (scene) => {
  // The workspace, src, src/deep, empty; neither build nor left nor nested nor what a link leads to.
  assert.is(scene.watcher.directories, 4);
});

test("files that are written, made, renamed and removed are noticed, also in empty and new directories", async (scene) => {
  const { root } = scene;
  const file = (name: string) => () => writeFileSync(join(root, name), "2");
  await tells(scene, "a write", file("src/a"));
  await tells(scene, "a new file in an empty directory", file("empty/b"));
  await tells(scene, "a rename over a file", () => {
    writeFileSync(join(root, "src/.a.swp"), "3");
    renameSync(join(root, "src/.a.swp"), join(root, "src/a"));
  });
  await tells(scene, "a new directory", () => mkdirSync(join(root, "new/er"), { recursive: true }));
  assert.is(scene.watcher.directories, 6);
  await tells(scene, "a file in it", file("new/er/c"));
  await tells(scene, "a renamed directory", () => renameSync(join(root, "new"), join(root, "old")));
  assert.is(scene.watcher.directories, 6);
  await tells(scene, "a file in the renamed one", file("old/er/c"));
  await tells(scene, "a removed directory", () => rmSync(join(root, "old"), { recursive: true }));
  assert.is(scene.watcher.directories, 4);
});

test("a directory that was replaced by another is watched as it is now", async (scene) => {
  const { root } = scene;
  await tells(scene, "the replacement", () => {
    renameSync(join(root, "src"), join(root, "build/src"));
    mkdirSync(join(root, "src/other"), { recursive: true });
  });
  assert.is(scene.watcher.directories, 4);
  await tells(scene, "a file in the new one", () => writeFileSync(join(root, "src/other/a"), ""));
});

test("a directory that was removed and made again is watched, though it has the number that the old one had", async (scene) => {
  const path = join(scene.root, "src/deep");
  const { ino } = statSync(path);
  await tells(scene, "the new directory", () => {
    // Where a file system never gives a number twice, this is one directory more that was replaced.
    for (let tries = 0; tries < 20; tries += 1) {
      rmdirSync(path);
      mkdirSync(path);
      if (statSync(path).ino === ino) break;
    }
  });
  assert.is(scene.watcher.directories, 4);
  await tells(scene, "a file in it", () => writeFileSync(join(path, "a"), ""));
});

test("a new directory that git ignores takes no watch until git no longer ignores it", async (scene) => {
  const { root } = scene;
  await tells(scene, "a change of .gitignore", () => appendFileSync(join(root, ".gitignore"), "modules\n"));
  await tells(scene, "an ignored directory", () => {
    for (let at = 0; at < 50; at += 1) mkdirSync(join(root, `modules/m${at}`), { recursive: true });
  });
  assert.is(scene.watcher.directories, 4);
  await tells(scene, "a change of .gitignore", () => writeFileSync(join(root, ".gitignore"), "*.o\n"));
  // modules and 50 in it; build and build/out are not ignored any more either.
  assert.is(scene.watcher.directories, 57);
  await tells(scene, "a change of .git/info/exclude", () =>
    writeFileSync(join(root, ".git/info/exclude"), "modules\nbuild\n"),
  );
  assert.is(scene.watcher.directories, 4);
});

test("of .git only HEAD and the index count, of .pikaci nothing", async (scene) => {
  const { root } = scene;
  mkdirSync(join(root, ".pikaci/runs"), { recursive: true });
  writeFileSync(join(root, ".git/ORIG_HEAD"), "x");
  writeFileSync(join(root, "left/x"), "x");
  // Nor does a file that git is known to ignore.
  writeFileSync(join(root, "src/known.o"), "x");
  appendFileSync(join(root, "src/known.o"), "x");
  await tells(scene, "the index", () => execFileSync("git", ["-C", root, "add", "src/a"]));
  assert.is(scene.bursts, 1);
  await tells(scene, "a branch", () => execFileSync("git", ["-C", root, "checkout", "-q", "-b", "other"]));
  assert.is(scene.watcher.directories, 4);
});

test("without watches it says so, and goes on with those that it has", async ({ root }) => {
  const limited = 'echo "$0" >/proc/sys/user/max_inotify_watches && exec "$@"';
  const outcome = (watches: number) => {
    const words = [process.execPath, ...childWords("test/tree/watching/limited.ts"), root];
    const all = ["unshare", "--user", "--map-root-user", "sh", "-c", limited, String(watches), ...words];
    const [program = "", ...args] = all;
    return JSON.parse(execFileSync(program, args, { encoding: "utf8" }));
  };
  assert.equal(outcome(1000), { directories: 4, isFull: false });
  assert.equal(outcome(3), { directories: 2, isFull: true });
  assert.equal(outcome(0), { directories: 0, isFull: true });
});

test("after a storm every directory that is there is watched, and none that is gone", async (scene) => {
  const { root } = scene;
  await tells(scene, "the storm", () => {
    for (let at = 0; at < 400; at += 1) mkdirSync(join(root, `many/d${at}/e`), { recursive: true });
    for (let at = 0; at < 400; at += 1) writeFileSync(join(root, `many/d${at}/e/f`), "x");
    for (let at = 0; at < 400; at += 2) renameSync(join(root, `many/d${at}`), join(root, `many/r${at}`));
    for (let at = 1; at < 400; at += 4) rmSync(join(root, `many/d${at}`), { recursive: true });
  });
  const left = 4 + 1 + 2 * 300;
  await eventually("all are watched", 20, () => (scene.watcher.directories === left ? true : null));
  await tells(scene, "a file in one of them", () => writeFileSync(join(root, "many/r0/e/g"), "x"));
});

test.run();
