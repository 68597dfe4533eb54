// time-limit: 300
// exhaustive: each damage

import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { everyNth } from "../../exhaustive.ts";
import { makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";
import { checked, type Place, remembered, repository, settleBySecond, take } from "./rig.ts";

const test = suite("a memory that is damaged, or shared");
test.after(removeWorkspaces);

const files = { ".gitignore": "/out/\n*.o\n", a: "1\n", "d/b": "2\n", "d/e/c": "3\n", "out/x": "" };

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

for (const [what, damage] of everyNth(damages, 3))
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

test("what a killed writer left in the repository is removed, once it is old", async () => {
  const place = await remembered(repository(files));
  const repositoryOf = dirname(ownIndex(place.context.memory.directory ?? ""));
  writeFiles(repositoryOf, { "index.12": "", "index.34": "" });
  utimesSync(join(repositoryOf, "index.12"), 1_600_000_000, 1_600_000_000);
  writeFiles(place.root, { "d/new": "" });
  await remembered(place);
  assert.equal(readdirSync(repositoryOf).sort(), ["HEAD", "index", "index.34", "objects", "refs"]);
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
