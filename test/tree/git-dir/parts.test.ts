import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { toPath } from "../../../src/core/byte-path.ts";
import { PUBLISHED_TIME } from "../../../src/core/layout.ts";
import type { EntryType } from "../../../src/core/snapshot.ts";
import { packStat } from "../../../src/system/file-stat.ts";
import { cleanFiles } from "../../../src/tree/git-dir/clean.ts";
import { withStats } from "../../../src/tree/git-dir/index-file.ts";
import { blobsOf, parseTree } from "../../../src/tree/git-dir/objects.ts";
import { groupBlobs, packName } from "../../../src/tree/git-dir/packs.ts";
import { gitKey } from "../../../src/tree/git-dir/state.ts";
import { parseTracked, type Tracked } from "../../../src/tree/git-dir/tracked.ts";
import { git, makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";

test.after(removeWorkspaces);

const id = (at: number) => createHash("sha1").update(String(at)).digest("hex");
const debug = (mtime: string, size: number) =>
  `  ctime: 5:6\n  mtime: ${mtime}\n  dev: 1\tino: 2\n  uid: 0\tgid: 0\n  size: ${size}\tflags: 0\n`;

test("git's list of its index, with names of all kinds", () => {
  const text = `H 100644 ${id(1)} 0\ta b\0${debug("3:4", 7)}S 100755 ${id(2)} 0\tc\n  ctime: 1:2\0${debug("0:0", 0)}`;
  const more = `h 160000 ${id(3)} 2\tsub\0${debug("0:0", 0).replace("5:6", "0:0")}`;
  const found = parseTracked(Buffer.from(text + more, "latin1"));
  assert.equal(
    found.map(({ path, mode, stage, sparse }) => [path, mode, stage, sparse]),
    [
      ["a b", "100644", "0", false],
      ["c\n  ctime: 1:2", "100755", "0", true],
      ["sub", "160000", "2", false],
    ],
  );
  assert.equal(found[0]?.stat, { ctimeNs: 5_000_000_006n, mtimeNs: 3_000_000_004n, ino: 2n, size: 7n });
  assert.is(found[2]?.stat, null);
  assert.throws(() => parseTracked(Buffer.from(`H 100644 ${id(1)} 0\ta\0 size 3\n`)), /unknown form/);
});

const stat = { dev: 1n, ino: 2n, size: 7n, mtimeNs: 3_000_000_004n, ctimeNs: 5_000_000_006n };
const tracked: Tracked = {
  ...{ path: toPath("a"), mode: "100644", id: id(1), stage: "0", sparse: false },
  stat: { ctimeNs: stat.ctimeNs, mtimeNs: stat.mtimeNs, ino: 2n, size: 7n },
};
const entry = (changes: Partial<typeof stat> = {}) => ({
  ...{ path: toPath("a"), type: "file" as EntryType, size: 7 },
  stat: packStat({ ...stat, ...changes }),
});
const LATER = 9_000_000_000n;

const cleans: readonly (readonly [
  what: string,
  tracked: Tracked,
  entry: ReturnType<typeof entry>,
  written: bigint,
  clean: boolean,
])[] = [
  ["the same stat", tracked, entry(), LATER, true],
  ["another time", tracked, entry({ mtimeNs: 3_000_000_005n }), LATER, false],
  ["another change", tracked, entry({ ctimeNs: 1n }), LATER, false],
  ["another size", tracked, entry({ size: 8n }), LATER, false],
  ["another inode", tracked, entry({ ino: 3n }), LATER, false],
  ["an inode of more than 32 bits", tracked, entry({ ino: (1n << 32n) + 2n }), LATER, true],
  ["as young as the index", tracked, entry(), stat.mtimeNs, false],
  ["in conflict", { ...tracked, stage: "2" }, entry(), LATER, false],
  ["without a stat", { ...tracked, stat: null }, entry(), LATER, false],
];

for (const [what, known, now, written, clean] of cleans)
  test(`is it as the index has it: ${what}`, () => {
    assert.is(cleanFiles([known], [now], written).has(toPath("a")), clean);
  });

for (const format of ["sha1", "sha256"] as const)
  test(`an index of git's gets other stats, and git takes it: ${format}`, () => {
    const root = makeDirectory();
    git(root, "init", "-q", `--object-format=${format}`);
    writeFiles(root, { a: "1", "long/name/of/a/file": "22", b: "333" });
    git(root, "add", "-A");
    git(root, "update-index", "--skip-worktree", "b");
    const file = join(root, ".git/index");
    const bytes = withStats(readFileSync(file), format, (path) =>
      path === "a" ? null : { mtime: PUBLISHED_TIME, size: path.length },
    );
    writeFileSync(file, bytes);
    const shown = git(root, "ls-files", "--debug");
    const told = [...shown.matchAll(/^(\S+)\n {2}ctime: 0:0\n {2}mtime: (\d+):0\n[\s\S]*?size: (\d+)/gm)];
    assert.equal(
      told.map(([, ...words]) => words),
      [
        ["a", "0", "0"],
        ["b", String(PUBLISHED_TIME), "1"],
        ["long/name/of/a/file", String(PUBLISHED_TIME), "19"],
      ],
    );
    assert.match(git(root, "ls-files", "-t"), /^S b$/m);
    git(root, "fsck");
  });

test("HEAD's directories, and the versions of files that are in the snapshot", () => {
  const listing = [
    `100644 blob ${id(1)}\ta`,
    `040000 tree ${id(2)}\td`,
    `120000 blob ${id(3)}\td/l`,
    `160000 commit ${id(4)}\tsub`,
    `100644 blob ${id(5)}\tgone`,
  ];
  const head = parseTree(id(9), Buffer.from(listing.map((one) => `${one}\0`).join("")));
  assert.equal([...head.trees], [id(2), id(9)].sort());
  const there = new Set<string>(["a", "d/l", "sub", "staged"]);
  const staged = [
    { ...tracked, path: toPath("staged"), id: id(6) },
    { ...tracked, path: toPath("sub"), id: id(4), mode: "160000" },
    { ...tracked, path: toPath("gone"), id: id(7) },
  ];
  const blobs = blobsOf(head, staged, (path) => there.has(path));
  assert.equal(
    blobs.map((blob) => blob.id),
    [id(1), id(3), id(6)],
  );
});

const sizes: readonly (readonly [blobs: number, packs: number])[] = [
  [0, 0],
  [1, 1],
  [64, 1],
  [65, 2],
  [1000, 16],
  [20_000, 256],
];

for (const [blobs, packs] of sizes)
  test(`${blobs} blobs are in ${packs} packs, each in one`, () => {
    const ids = Array.from({ length: blobs }, (_, at) => id(at));
    const groups = groupBlobs([...ids, ...ids]);
    assert.is(groups.length, packs);
    assert.equal(groups.flat().sort(), [...ids].sort());
  });

test("one blob more changes one pack", () => {
  const ids = Array.from({ length: 900 }, (_, at) => id(at));
  const names = (all: readonly string[]) => groupBlobs(all).map((group) => packName(group, "sha1"));
  const before = new Set(names(ids));
  assert.is(names([...ids, id(900)]).filter((name) => !before.has(name)).length, 1);
});

test("a key tells HEAD, branch and tags apart", () => {
  const tag = { name: "v1", id: id(1), commit: id(2) };
  const state = { head: id(2), branch: "refs/heads/main", tags: [tag] };
  const others = [
    state,
    { ...state, head: id(3) },
    { ...state, branch: null },
    { ...state, tags: [] },
    { ...state, tags: [{ ...tag, id: id(4) }] },
    { ...state, tags: [{ ...tag, name: "v2" }] },
  ];
  assert.is(new Set(others.map(gitKey)).size, others.length);
});

test.run();
