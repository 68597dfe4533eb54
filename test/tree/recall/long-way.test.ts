// time-limit: 300

import { execFileSync } from "node:child_process";
import { renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { git, makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";
import { bothRefuse, checked, placeAt, remembered, repository, settle, settleBySecond } from "./rig.ts";

const test = suite("what is seen though a tree is remembered");
test.after(removeWorkspaces);

const files = { ".gitignore": "/out/\n*.o\n", a: "1\n", "d/b": "2\n", "d/e/c": "3\n", "out/x": "" };

test("an index of version 4 is recalled", async () => {
  const place = repository(files);
  git(place.root, "update-index", "--index-version", "4");
  await remembered(place);
});

test("a linked worktree, and a directory of a repository, are recalled; rules above count", async () => {
  const { root } = repository(files);
  const linked = join(makeDirectory(), "linked");
  git(root, "worktree", "add", "-q", linked);
  await remembered(placeAt(linked));
  const below = await remembered(placeAt(join(root, "d")));
  writeFiles(root, { ".gitignore": "/d/e/\n" });
  assert.not((await checked(below)).recalled);
  writeFiles(root, { "d/e/new": "1" });
  await checked(below);
});

test("the user's ignore file counts", async () => {
  const place = repository(files);
  writeFiles(place.root, { "d/u.tmp": "1" });
  await remembered(place);
  writeFiles(place.context.env.HOME ?? "", { ".config/git/ignore": "*.tmp\n" });
  assert.not((await checked(place)).recalled);
});

test("rules in a file that is itself ignored count", async () => {
  const place = repository({ a: "1", "d/b": "1" });
  writeFiles(place.root, { "d/.gitignore": ".gitignore\n*.tmp\n", "d/x.tmp": "1" });
  await remembered(place);
  writeFiles(place.root, { "d/.gitignore": ".gitignore\n" });
  assert.not((await checked(place)).recalled);
});

test("a file that counts, in a directory whose other files are ignored", async () => {
  const place = repository(files);
  writeFiles(place.root, { "build/sub/x.o": "1" });
  await remembered(place);
  writeFiles(place.root, { "build/sub/y.o": "1" });
  assert.ok((await checked(place)).recalled);
  writeFiles(place.root, { "build/sub/new": "1" });
  assert.not((await checked(place)).recalled);
});

test("other filters of the configuration, and files that they leave out", async () => {
  const place = await remembered(repository(files, [], { include: [], exclude: ["d/**"] }));
  writeFiles(place.root, { "d/b": "9\n" });
  const { recalled, hashed } = await checked(place);
  assert.ok(recalled);
  assert.is(hashed.filesRead, 0);
  assert.ok(hashed.snapshot.source.git_dirty);
  assert.not((await checked({ ...place, filters: { include: [], exclude: ["d/e/**"] } })).recalled);
});

test("a FIFO in a known directory is refused", async () => {
  const place = await remembered(repository(files));
  execFileSync("mkfifo", [join(place.root, "d/pipe")]);
  assert.match(await bothRefuse(place), /"d\/pipe" is a socket, FIFO or device/);
  await settle();
  assert.match(await bothRefuse(place), /"d\/pipe" is a socket, FIFO or device/);
});

test("what the guards find in a changed file is refused, by its name and size too", async () => {
  const token = `ghp_${"aB3dE5fG7h".repeat(4).slice(0, 36)}`;
  const named = { ...files, ".env": "" };
  for (const [path, content, message] of [
    ["d/b", `${token}\n`, /d\/b:1: github-token/],
    [".env", "A=1\n", /\.env: env-file/],
    ["a", "x".repeat(101), /a: large-file/],
  ] as const) {
    const place = await remembered(repository(named, [], { include: [], exclude: [], maxFileSize: 100 }));
    writeFiles(place.root, { [path]: content });
    for (let round = 0; round < 2; round += 1) {
      assert.match(await bothRefuse(place), message);
      await settle();
    }
  }
});

test("files that whole seconds tell apart: git names none, and a change within the second is seen", async () => {
  const place = repository(files);
  await settleBySecond();
  await remembered(place);
  for (let round = 0; round < 5; round += 1) {
    writeFileSync(join(place.root, "a"), `${round}\n`);
    utimesSync(join(place.root, "a"), 1_600_000_000, 1_600_000_000);
    assert.ok((await checked(place)).recalled);
  }
});

test("two trees that change places", async () => {
  const place = await remembered(repository(files));
  const { root } = place;
  execFileSync("cp", ["-a", join(root, "d"), join(root, "../copy")]);
  writeFileSync(join(root, "../copy/b"), "7\n");
  renameSync(join(root, "d"), join(root, "../old"));
  renameSync(join(root, "../copy"), join(root, "d"));
  await checked(place);
  rmSync(join(root, "../old"), { recursive: true });
});

test.run();
