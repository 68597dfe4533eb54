import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toPath } from "../../../src/core/byte-path.ts";
import { packLists, unpackLists } from "../../../src/tree/recall/fields.ts";
import { isPlainIndex } from "../../../src/tree/recall/plain-index.ts";
import { encodeIndex, type IndexFile, markPath } from "../../../src/tree/recall/private-index.ts";
import { git, makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";

const test = suite("an index of pikaci's own");
test.after(removeWorkspaces);

interface Own {
  readonly root: string;
  ask(...words: string[]): string;
}

/** A repository of which git is only given the index that `encodeIndex` made. */
function own(root: string, files: readonly IndexFile[]): Own {
  const repository = makeDirectory();
  for (const part of ["objects", "refs"]) mkdirSync(join(repository, part));
  writeFileSync(join(repository, "HEAD"), "ref: refs/heads/none\n");
  const { uid, gid } = lstatSync(root);
  writeFileSync(join(repository, "index"), encodeIndex(files, { uid, gid }));
  const env = { PATH: process.env.PATH, GIT_DIR: repository, GIT_WORK_TREE: root, HOME: root };
  return { root, ask: (...words) => execFileSync("git", words, { cwd: root, env, encoding: "latin1" }) };
}

function fileOf(root: string, path: string): IndexFile {
  const { ctimeMs, mtimeMs, dev, ino, size } = lstatSync(
    Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, "latin1")]),
  );
  const seconds = (ms: number) => Math.floor(ms / 1000);
  return {
    path: toPath(path),
    type: "file",
    stat: { ctime: seconds(ctimeMs), mtime: seconds(mtimeMs), dev: dev % 2 ** 32, ino: ino % 2 ** 32, size },
  };
}

const PAST = 1_600_000_000;

test("git reads it, names of any bytes and lengths included, and finds nothing changed", () => {
  const root = makeDirectory();
  const long = `${"l".repeat(200)}/`.repeat(19);
  const names = [
    "b",
    "a",
    "a-",
    "a/b",
    "non\xff\n",
    `${long}f`,
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => "n".repeat(n)),
  ];
  const files = names.filter((name) => name !== "a" && !name.startsWith(long));
  writeFiles(root, Object.fromEntries(files.map((name) => [name, name])));
  writeFiles(root, { empty: "" });
  for (const name of [...files, "empty"])
    utimesSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, "latin1")]), PAST, PAST);
  const entries = [...files, "empty"].map((name) => fileOf(root, name));
  const { ask } = own(root, [...entries, { path: toPath(`${long}f`), type: "file", stat: null }]);
  assert.equal(ask("diff-files", "--name-only", "-z"), `${long}f\0`);
  assert.equal(ask("ls-files", "-z").split("\0").slice(0, -1), [...files, "empty", `${long}f`].sort());
});

test("git names what has another stat or none, what is gone, and the mark", () => {
  const root = makeDirectory();
  writeFiles(root, { same: "1", other: "1", unknown: "1", gone: "1" });
  for (const name of ["same", "other", "unknown"]) utimesSync(join(root, name), PAST, PAST);
  const stat = { ...fileOf(root, "other"), path: toPath("gone") };
  const entries = [
    ...["same", "other"].map((name) => fileOf(root, name)),
    { path: toPath("unknown"), type: "file", stat: null } as const,
    { ...stat, path: toPath("absent") },
    { path: markPath("m"), type: "file", stat: null } as const,
  ];
  const { ask } = own(root, entries);
  utimesSync(join(root, "other"), PAST + 1, PAST + 1);
  assert.equal(ask("diff-files", "--name-only").split("\n").slice(0, -1), [
    markPath("m"),
    "absent",
    "other",
    "unknown",
  ]);
});

for (const version of ["2", "3", "4"])
  test(`version ${version} of a plain index is told from one that is not`, () => {
    const root = makeDirectory();
    git(root, "init", "-q");
    writeFiles(root, { a: "1", "d/b": "2", "d/bc": "3", [`${"e".repeat(130)}`]: "4" });
    git(root, "add", "-A");
    git(root, "update-index", "--index-version", version);
    const read = () => readFileSync(join(root, ".git/index"));
    assert.ok(isPlainIndex(read()));
    for (const length of [0, 11, 31, 90]) assert.not(isPlainIndex(read().subarray(0, length)));
    for (const [set, unset] of [
      ["--assume-unchanged", "--no-assume-unchanged"],
      ["--skip-worktree", "--no-skip-worktree"],
    ] as const) {
      git(root, "update-index", set, "d/b");
      assert.not(isPlainIndex(read()), set);
      git(root, "update-index", unset, "d/b");
      assert.ok(isPlainIndex(read()));
    }
  });

test("lists of texts survive, empty ones too", () => {
  for (const lists of [[], [[]], [["", "a\0b", "\xff"], [], ["x"]]])
    assert.equal(unpackLists(packLists(lists)), lists);
});

test.run();
