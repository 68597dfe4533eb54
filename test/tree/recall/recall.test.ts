// time-limit: 300
// exhaustive: each change

import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { everyNth } from "../../exhaustive.ts";
import { git, removeWorkspaces, writeFiles } from "../../workspace.ts";
import { checked, remembered, repository, settle } from "./rig.ts";

const test = suite("a recalled tree");
test.after(removeWorkspaces);

const files = {
  ".gitignore": "/out/\n*.o\n",
  a: "1\n",
  "d/b": "2\n",
  "d/e/c": "3\n",
  "d/non\xff\n": "4\n",
  empty: "",
  "out/deep/x": "5\n",
};

const PAST = 1_600_000_000;

/** Another content of the same size, and the mtime as before. */
function rewrite(path: string, content: string): void {
  writeFileSync(path, content);
  utimesSync(path, PAST, PAST);
}

test("unchanged: git is asked three times and lists nothing, no file is read", async () => {
  const place = await remembered(repository(files));
  const { calls, hashed } = await checked(place);
  assert.is(calls, 3);
  assert.is(hashed.filesRead, 0);
  assert.is(hashed.fileCount, 6);
});

test("a changed file: it alone is read, once, and git is asked about it alone", async () => {
  const place = await remembered(repository(files));
  writeFileSync(join(place.root, "d/b"), "changed\n");
  await settle();
  const first = await checked(place);
  assert.ok(first.recalled);
  assert.is(first.calls, 4);
  assert.is(first.hashed.filesRead, 1);
  assert.ok(first.hashed.snapshot.source.git_dirty);
  const second = await checked(place);
  assert.ok(second.recalled);
  assert.is(second.calls, 3);
  assert.is(second.hashed.filesRead, 0);
  git(place.root, "checkout", "--", "d/b");
  assert.not((await checked(place)).hashed.snapshot.source.git_dirty);
});

test("a directory whose files were replaced under their names is read again until its stat tells every change", async () => {
  const place = await remembered(repository(files));
  for (let round = 0; round < 5; round += 1) {
    saveByRename(join(place.root, "d/b"));
    const before = await checked(place);
    assert.ok(before.recalled);
    writeFiles(place.root, { [`d/new${round}`]: "" });
    assert.not((await checked(place)).recalled);
    rmSync(join(place.root, `d/new${round}`));
    await settle();
    await checked(place);
  }
});

test("a young file is read again until its stat tells every change", async () => {
  const place = await remembered(repository(files));
  for (let round = 0; round < 8; round += 1) {
    rewrite(join(place.root, "a"), `${round % 10}\n`);
    const { recalled, hashed } = await checked(place);
    assert.ok(recalled);
    assert.is(hashed.filesRead, 1);
  }
  await settle();
  await checked(place);
  assert.is((await checked(place)).hashed.filesRead, 0);
});

type Case = readonly [what: string, change: (root: string) => void, recalled: boolean];

const cases: readonly Case[] = [
  ["a touch", (root) => utimesSync(join(root, "a"), PAST, PAST), true],
  ["the same size, and the time set back", (root) => rewrite(join(root, "a"), "9\n"), true],
  ["a mode", (root) => chmodSync(join(root, "a"), 0o755), true],
  ["an empty file that is filled", (root) => writeFileSync(join(root, "empty"), "x"), true],
  ["a file that is emptied", (root) => writeFileSync(join(root, "a"), ""), true],
  ["an ignored file below an ignored directory", (root) => writeFiles(root, { "out/deep/y": "" }), true],
  ["a file saved by a rename", (root) => saveByRename(join(root, "d/b")), true],
  ["a file replaced by another", (root) => renameSync(join(root, "a"), join(root, "d/b")), false],
  ["a new file", (root) => writeFiles(root, { "d/new": "" }), false],
  ["a new file in a new directory", (root) => writeFiles(root, { "d/n/e/w": "" }), false],
  ["an ignored file beside others", (root) => writeFiles(root, { "d/x.o": "" }), false],
  ["a file that is gone", (root) => rmSync(join(root, "d/e/c")), false],
  ["a directory that is gone", (root) => rmSync(join(root, "d"), { recursive: true }), false],
  ["an empty directory", (root) => mkdirSync(join(root, "d/hollow")), false],
  ["an ignored directory that is empty by now", (root) => rmSync(join(root, "out/deep/x")), false],
  ["rules", (root) => writeFileSync(join(root, ".gitignore"), "*.o\n"), false],
  ["rules of the repository", (root) => writeFileSync(join(root, ".git/info/exclude"), "/d/\n"), false],
  ["attributes", (root) => writeFiles(root, { ".git/info/attributes": "* -text\n" }), false],
  ["configuration", (root) => git(root, "config", "core.trustctime", "false"), false],
  ["a commit", (root) => git(root, "commit", "-q", "--allow-empty", "-m", "second"), false],
  ["another branch", (root) => git(root, "switch", "-q", "-c", "other"), false],
  ["no branch", (root) => git(root, "switch", "-q", "--detach"), false],
  ["staged", (root) => stage(root), false],
  ["a directory replaced by a link", (root) => swapForLink(join(root, "d"), "out"), false],
  ["a file replaced by a link", (root) => swapForLink(join(root, "a"), "d/b"), true],
  ["a nested repository", (root) => git(join(root, "d/e"), "init", "-q"), false],
];

function saveByRename(path: string): void {
  writeFileSync(`${path}~`, "saved\n");
  renameSync(`${path}~`, path);
}

function stage(root: string): void {
  writeFileSync(join(root, "a"), "9\n");
  git(root, "add", "a");
}

function swapForLink(path: string, target: string): void {
  rmSync(path, { recursive: true });
  symlinkSync(target, path);
}

for (const [what, change, recalled] of everyNth(cases, 2))
  test(`${what}: ${recalled ? "recalled" : "listed"}, and as if nothing were remembered`, async () => {
    const place = await remembered(repository(files));
    change(place.root);
    assert.is((await checked(place)).recalled, recalled);
    await settle();
    await checked(place);
  });

/** Of two names for the same content: what git stores, and another that it takes for the same. */
const conversions: readonly (readonly [what: string, attributes: string, stored: string, other: string])[] = [
  ["line endings", "* text=auto", "a\nb\n", "a\r\nb\r\n"],
  ["ident", "* ident", "$Id$ x\n", "$Id: y $ x\n"],
  ["an encoding", "*.t working-tree-encoding=UTF-16LE", "a\0b\0", "b\0a\0"],
];

for (const [what, attributes, stored, other] of conversions)
  test(`${what} that git converts: the bytes on disk count`, async () => {
    const place = await remembered(repository({ ".gitattributes": `${attributes}\n`, "f.t": stored }));
    const before = (await checked(place)).hashed.contentHash;
    rewrite(join(place.root, "f.t"), other);
    const changed = await checked(place);
    assert.ok(changed.recalled);
    assert.is.not(changed.hashed.contentHash, before);
    rewrite(join(place.root, "f.t"), stored);
    assert.is((await checked(place)).hashed.contentHash, before);
  });

for (const setting of ["core.trustctime=false", "core.checkStat=minimal", "core.untrackedCache=true"])
  test(`with ${setting}, a change of the same size and time is seen`, async () => {
    const place = repository(files, [setting]);
    rewrite(join(place.root, "a"), "1\n");
    git(place.root, "status");
    await remembered(place);
    rewrite(join(place.root, "a"), "2\n");
    const { recalled, hashed } = await checked(place);
    assert.ok(recalled);
    assert.is(hashed.filesRead, 1);
    writeFiles(place.root, { "d/e/untracked": "" });
    assert.not((await checked(place)).recalled);
  });

test("a tracked file that is ignored counts, and its changes", async () => {
  const place = repository({ ...files, "d/kept.o": "1" });
  git(place.root, "add", "-f", "d/kept.o", "out/deep/x");
  git(place.root, "commit", "-q", "-m", "second");
  await remembered(place);
  writeFileSync(join(place.root, "out/deep/x"), "6\n");
  writeFileSync(join(place.root, "d/kept.o"), "2");
  const { recalled, hashed } = await checked(place);
  assert.ok(recalled);
  assert.is(hashed.filesRead, 2);
});

test.run();
