import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytePath } from "../../src/core/byte-path.ts";
import type { EntryType } from "../../src/core/snapshot.ts";
import { planDelta, type Stale } from "../../src/publish/delta.ts";
import {
  byPath,
  EMPTY_DIGEST,
  encodeManifest,
  type ManifestEntry,
} from "../../src/tree/manifest/manifest.ts";
import { ManifestView } from "../../src/tree/manifest/view.ts";

const test = suite("delta");

type Tree = Readonly<Record<string, string>>;

/** Content by path; `x:…` is executable, `l:…` a symlink, a path that ends in `/` an empty directory. */
function entries(tree: Tree): ManifestEntry[] {
  return Object.entries(tree)
    .map(([name, content]): ManifestEntry => {
      const path = bytePath(Buffer.from(name.replace(/\/$/, ""), "latin1"));
      const digest = content.replace(/^[xl]:/, "").padEnd(64, "0");
      if (name.endsWith("/")) return { path, type: "directory", size: 0, digest: EMPTY_DIGEST };
      const type: EntryType = content.startsWith("x:")
        ? "executable"
        : content.startsWith("l:")
          ? "symlink"
          : "file";
      return { path, type, size: 1, digest };
    })
    .sort(byPath);
}

const same = (a: ManifestEntry) => (b: ManifestEntry) =>
  a.path === b.path && a.type === b.type && a.digest === b.digest;

function plan(before: Tree, after: Tree) {
  const [old, now] = [entries(before), entries(after)];
  const stale: Stale[] = old.filter((entry) => !now.some(same(entry)));
  const { moves, ...delta } = planDelta(
    stale,
    now.filter((entry) => !old.some(same(entry))),
    new ManifestView(encodeManifest(now)),
  );
  return { ...delta, moves: Object.fromEntries(moves) };
}

/** Paths as plain text. */
interface Expected {
  readonly drop?: readonly string[];
  readonly late?: readonly string[];
  readonly touch?: readonly string[];
  readonly directories?: readonly string[];
  readonly moves?: Readonly<Record<string, string>>;
}

const nothing = { drop: [], late: [], touch: [], directories: [], moves: {} };

const cases: Record<string, [Tree, Tree, Expected]> = {
  "nothing changed": [{ a: "1" }, { a: "1" }, {}],
  "a changed file is replaced": [{ "d/a": "1" }, { "d/a": "2" }, { drop: ["d/a"], directories: ["d"] }],
  "a mode is a new file": [{ a: "1" }, { a: "x:1" }, { drop: ["a"] }],
  "a removed file": [{ "d/a": "1", "d/b": "2" }, { "d/b": "2" }, { drop: ["d/a"], directories: ["d"] }],
  "the last file of a directory": [
    { "d/e/a": "1", b: "2" },
    { b: "2" },
    { drop: ["d/e/a"], late: ["d/e", "d"] },
  ],
  "the last file of a directory that stays": [
    { "d/a": "1" },
    { "d/": "" },
    { drop: ["d/a"], directories: ["d"] },
  ],
  "a moved file": [
    { "d/a": "1", "d/c": "2" },
    { "d/c": "2", "e/b": "1" },
    { moves: { "e/b": "d/a" }, late: ["d/a"], touch: ["d"], directories: ["d", "e"] },
  ],
  "a renamed directory": [
    { "d/a": "1", "d/e/b": "2" },
    { "f/a": "1", "f/e/b": "2" },
    {
      moves: { "f/a": "d/a", "f/e/b": "d/e/b" },
      late: ["d/a", "d/e/b", "d/e", "d"],
      directories: ["f", "f/e"],
    },
  ],
  "a moved file of another mode is sent": [{ a: "1" }, { b: "x:1" }, { drop: ["a"] }],
  "a moved symlink is sent": [{ a: "l:1" }, { b: "l:1" }, { drop: ["a"] }],
  "git's index, which has a time of its own, is sent": [
    { a: "1" },
    { ".git/index": "1" },
    { drop: ["a"], directories: [".git"] },
  ],
  "git's index is no other file's origin": [
    { ".git/index": "1" },
    { a: "1" },
    { drop: [".git/index"], late: [".git"] },
  ],
  "a copy is sent": [{ a: "1" }, { a: "1", b: "1" }, {}],
  "of two copies one is moved": [{ a: "1" }, { b: "1", c: "1" }, { moves: { b: "a" }, late: ["a"] }],
  "two files that change places are sent": [{ a: "1", b: "2" }, { a: "2", b: "1" }, { drop: ["a", "b"] }],
  "a file becomes a directory": [{ a: "1" }, { "a/b": "1" }, { drop: ["a"], directories: ["a"] }],
  "a directory becomes a file": [
    { "a/b/c": "1", "a/d": "2" },
    { a: "1" },
    { drop: ["a/b/c", "a/d", "a/b", "a"] },
  ],
  "what lies in a directory that becomes a file is not moved": [
    { "a/b": "1" },
    { a: "2", c: "1" },
    { drop: ["a/b", "a"] },
  ],
  "an empty directory becomes a file": [{ "a/": "" }, { a: "1" }, { drop: ["a"] }],
  "an empty directory goes": [{ "a/": "", b: "1" }, { b: "1" }, { late: ["a"] }],
  "names that begin alike": [
    { "a b": "1", "a/c": "2", "a-": "3" },
    { "a b": "1", "a-": "3" },
    { drop: ["a/c"], late: ["a"] },
  ],
};

for (const [what, [before, after, expected]] of Object.entries(cases))
  test(what, () => assert.equal(plan(before, after), { ...nothing, ...expected }));

test.run();
