// time-limit: 300
// exhaustive: each unusual repository

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { everyNth } from "../../exhaustive.ts";
import { git, makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";
import { checked, placeAt, repository, settle } from "./rig.ts";

const test = suite("a repository that is listed every time");
test.after(removeWorkspaces);

const files = { ".gitignore": "/out/\n*.o\n", a: "1\n", "d/b": "2\n", "d/e/c": "3\n", "out/x": "" };

/** What one snapshot after the other lists, as git's index or configuration is. */
const unusual: readonly (readonly [what: string, prepare: (root: string) => void])[] = [
  ["a submodule", addSubmodule],
  ["skip-worktree", (root) => git(root, "update-index", "--skip-worktree", "a")],
  ["assume-unchanged", (root) => git(root, "update-index", "--assume-unchanged", "a")],
  [
    "what a file system monitor saw",
    (root) => git(root, "update-index", "--force-write-index", "--fsmonitor"),
  ],
  ["a sparse index", sparseIndex],
  ["a split index", (root) => git(root, "update-index", "--split-index")],
  ["an index without checksum", withoutChecksum],
  ["unmerged paths", conflict],
  ["a path that is only intended", (root) => intend(root)],
  ["no commit", (root) => git(root, "update-ref", "-d", "HEAD")],
  ["core.fileMode=false", (root) => git(root, "config", "core.fileMode", "false")],
  ["core.symlinks=false", (root) => git(root, "config", "core.symlinks", "false")],
  [
    "core.ignoreCase=true on a disk that tells cases apart",
    (root) => git(root, "config", "core.ignoreCase", "true"),
  ],
  ["an untracked repository", (root) => git(root, "init", "-q", "nested")],
  ["a .git that is none yet", (root) => mkdirSync(join(root, "d/.git"))],
  ["an ignored FIFO", (root) => execFileSync("mkfifo", [join(root, "d/pipe.o")])],
];

function addSubmodule(root: string): void {
  const inner = makeDirectory();
  git(inner, "init", "-q");
  writeFiles(inner, { file: "1" });
  git(inner, "add", "-A");
  git(inner, "commit", "-q", "-m", "inner");
  git(root, "submodule", "--quiet", "add", inner, "sub");
  git(root, "commit", "-q", "-m", "with a submodule");
}

function sparseIndex(root: string): void {
  git(root, "sparse-checkout", "set", "--cone", "--sparse-index", "out");
}

function withoutChecksum(root: string): void {
  const index = readFileSync(join(root, ".git/index"));
  writeFileSync(join(root, ".git/index"), index.fill(0, index.length - 20));
}

function conflict(root: string): void {
  git(root, "switch", "-q", "-c", "other");
  writeFiles(root, { a: "theirs\n" });
  git(root, "commit", "-qam", "theirs");
  git(root, "switch", "-q", "main");
  writeFiles(root, { a: "ours\n" });
  git(root, "commit", "-qam", "ours");
  assert.throws(() => git(root, "merge", "-q", "other"));
}

function intend(root: string): void {
  writeFiles(root, { new: "1\n" });
  git(root, "add", "-N", "new");
}

for (const [what, prepare] of everyNth(unusual, 3))
  test(`${what}: never recalled`, async () => {
    const place = repository(files);
    prepare(place.root);
    for (let round = 0; round < 3; round += 1) {
      await settle();
      assert.not((await checked(place)).recalled);
    }
    writeFiles(place.root, { "d/b": "9\n" });
    await checked(place);
  });

test("a SHA-256 repository: never recalled", async () => {
  const root = makeDirectory();
  git(root, "init", "-q", "--object-format=sha256");
  writeFiles(root, files);
  git(root, "add", "-A");
  git(root, "commit", "-q", "-m", "first");
  const place = placeAt(root);
  for (let round = 0; round < 3; round += 1) {
    await settle();
    assert.not((await checked(place)).recalled);
  }
});

test.run();
