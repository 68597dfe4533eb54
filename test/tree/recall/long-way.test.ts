// time-limit: 300

import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { git, makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";
import {
  bothRefuse,
  checked,
  type Place,
  placeAt,
  remembered,
  repository,
  settle,
  settleBySecond,
  take,
} from "./rig.ts";

const test = suite("what is listed anew, whatever is remembered");
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

for (const [what, prepare] of unusual)
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

test("an index that is replaced while git compares", async () => {
  const place = await remembered(repository(files));
  writeFiles(place.root, { "d/e/c": "4\n" });
  writeFileSync(place.meanwhile, `unset GIT_DIR GIT_WORK_TREE; ${add(place)}`);
  assert.not((await checked(place)).recalled);
});

const add = ({ root }: Place) => `cd '${root}' && PATH="\${PATH#*:}" git add d/e/c\n`;

test("an index of pikaci's own that is changed while git compares", async () => {
  const place = await remembered(repository(files));
  writeFiles(place.root, { "d/e/c": "4\n" });
  writeFileSync(place.meanwhile, add(place));
  assert.not((await checked(place)).recalled);
});

/** Of what the account remembers; whatever happens to it, a snapshot is right. */
const damages: readonly (readonly [what: string, damage: (memory: string) => void])[] = [
  ["the index is gone", (memory) => rmSync(ownIndex(memory))],
  ["the index is empty", (memory) => truncateSync(ownIndex(memory), 0)],
  [
    "the index is cut off",
    (memory) => truncateSync(ownIndex(memory), readFileSync(ownIndex(memory)).length - 9),
  ],
  ["one letter of a name is another", (memory) => flip(ownIndex(memory))],
  ["the repository is gone", (memory) => rmSync(join(memory, only(memory, "look-")), { recursive: true })],
  ["the record is gone", (memory) => rmSync(join(memory, only(memory, "tree-")))],
  ["the record is cut off", (memory) => truncateSync(join(memory, only(memory, "tree-")), 200)],
  ["the stat cache is gone", (memory) => rmSync(join(memory, only(memory, "stat-")))],
  ["the stat cache is longer", (memory) => appendFileSync(join(memory, only(memory, "stat-")), "x")],
];

function only(memory: string, prefix: string): string {
  return readdirSync(memory).find((name) => name.startsWith(prefix)) ?? "";
}

function ownIndex(memory: string): string {
  return join(memory, only(memory, "look-"), "index");
}

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes.write("x", bytes.indexOf("d/e/c"));
  writeFileSync(path, bytes);
}

for (const [what, damage] of damages)
  test(`${what}: listed, and remembered again`, async () => {
    const place = await remembered(repository(files));
    damage(place.context.memory.directory ?? "");
    writeFiles(place.root, { "d/e/c": "9\n" });
    assert.not((await checked(place)).recalled);
    await remembered(place);
  });

test("an index that vanishes, or becomes another, just before git compares with it", async () => {
  const place = repository(files);
  await settleBySecond();
  await remembered(place);
  const index = ownIndex(place.context.memory.directory ?? "");
  const other = join(makeDirectory(), "index");
  copyFileSync(join(place.root, ".git/index"), other);
  for (const script of [`rm -f '${index}'`, `cp '${other}' '${index}'`]) {
    writeFiles(place.root, { "d/e/c": script });
    writeFileSync(place.meanwhile, `${script}\n`);
    assert.not((await checked(place)).recalled);
    rmSync(place.meanwhile);
    await remembered(place);
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

/** As another process of the same account. */
const alone = ({ context }: Place) => ({ ...context, signal: new AbortController().signal });

test("two processes at once, and one that changed files between them", async () => {
  const place = await remembered(repository(files));
  const copies = Array.from({ length: 4 }, () => take(place, alone(place)));
  const hashes = (await Promise.all(copies)).map(({ contentHash }) => contentHash);
  assert.is(new Set(hashes).size, 1);
  writeFiles(place.root, { "d/new": "1", "d/b": "5\n" });
  await Promise.all(Array.from({ length: 4 }, () => take(place, alone(place))));
  await checked(place);
  await remembered(place);
});

test.run();
