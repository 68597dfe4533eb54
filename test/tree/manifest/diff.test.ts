import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toPath } from "../../../src/core/byte-path.ts";
import type { EntryType } from "../../../src/core/snapshot.ts";
import { blake3Hex } from "../../../src/system/blake3.ts";
import {
  applyChanges,
  type Change,
  diffManifests,
  newContentBytes,
} from "../../../src/tree/manifest/diff.ts";
import { byPath, EMPTY_DIGEST, type ManifestEntry } from "../../../src/tree/manifest/manifest.ts";

const test = suite("manifest diff");

function entry(path: string, content: string, type: EntryType = "file"): ManifestEntry {
  const text = type === "directory" ? "" : content;
  const digest = type === "directory" ? EMPTY_DIGEST : blake3Hex(Buffer.from(text, "latin1"));
  return { path: toPath(path), type, size: text.length, digest };
}

const told = (changes: readonly Change[]) => changes.map(({ kind, path }) => `${kind} ${path}`);

const table: readonly [name: string, before: ManifestEntry[], after: ManifestEntry[], expected: string[]][] =
  [
    ["nothing", [], [], []],
    ["the same", [entry("a", "1")], [entry("a", "1")], []],
    ["added", [entry("b", "1")], [entry("a", "1"), entry("b", "1"), entry("c", "1")], ["added a", "added c"]],
    ["removed", [entry("a", "1"), entry("b", "1")], [entry("b", "1")], ["removed a"]],
    ["everything removed", [entry("a", "1"), entry("b", "1")], [], ["removed a", "removed b"]],
    ["modified", [entry("a", "1")], [entry("a", "2")], ["modified a"]],
    ["the executable bit", [entry("a", "1")], [entry("a", "1", "executable")], ["mode a"]],
    ["the bit and the content", [entry("a", "1")], [entry("a", "2", "executable")], ["modified a"]],
    ["a file became a symlink", [entry("a", "b")], [entry("a", "b", "symlink")], ["type a"]],
    ["a symlink became a directory", [entry("a", "b", "symlink")], [entry("a", "", "directory")], ["type a"]],
    ["a symlink leads elsewhere", [entry("a", "b", "symlink")], [entry("a", "c", "symlink")], ["modified a"]],
    ["a file became a directory", [entry("a", "1")], [entry("a/b", "1")], ["removed a", "added a/b"]],
    ["a directory became a file", [entry("a/b", "1")], [entry("a", "1")], ["added a", "removed a/b"]],
    [
      "bytes, not letters, order the paths",
      [entry("a-b", "1"), entry("a/b", "1"), entry("\xff", "1")],
      [entry("a-b", "2"), entry("a0", "1"), entry("\xff", "2")],
      ["modified a-b", "removed a/b", "added a0", "modified \xff"],
    ],
  ];

for (const [name, before, after, expected] of table)
  test(name, () => {
    const changes = diffManifests(before, after);
    assert.equal(told(changes), expected);
    assert.equal(applyChanges(before, changes), after);
  });

const name = fc.constantFrom("a", "b", "a-b", "a/b", "a/c", "c\n", "\xff", "z/y/x", "Z");
const type = fc.constantFrom<EntryType>("file", "executable", "symlink", "directory");
const tree = fc
  .uniqueArray(fc.tuple(name, fc.constantFrom("", "1", "22"), type), { selector: ([path]) => path })
  .map((parts) => parts.map((part) => entry(...part)).sort(byPath));

test("apply(diff(a, b), a) is b, and equal trees have no changes", () => {
  fc.assert(
    fc.property(tree, tree, (before, after) => {
      const changes = diffManifests(before, after);
      assert.equal(applyChanges(before, changes), after);
      assert.equal(diffManifests(after, after), []);
    }),
  );
});

test("the way back has the same paths, added and removed exchanged", () => {
  const back = { added: "removed", removed: "added", modified: "modified", mode: "mode", type: "type" };
  fc.assert(
    fc.property(tree, tree, (before, after) => {
      const there = diffManifests(before, after).map(({ kind, path }) => `${back[kind]} ${path}`);
      assert.equal(there, told(diffManifests(after, before)));
    }),
  );
});

test("bytes that the second tree has alone: moved and repeated content is counted once or not at all", () => {
  const before = [entry("a", "one"), entry("b", "two")];
  const after = [entry("a", "one"), entry("c", "two"), entry("d", "three"), entry("e", "three")];
  assert.is(newContentBytes(before, diffManifests(before, after)), "three".length);
  assert.is(newContentBytes([], diffManifests([], before)), 6);
  assert.is(newContentBytes(before, []), 0);
});

test.run();
