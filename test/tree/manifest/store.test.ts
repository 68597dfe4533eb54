import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../../scripts/suites/children.ts";
import { toPath } from "../../../src/core/byte-path.ts";
import { InfraError } from "../../../src/core/errors.ts";
import { blake3Hex, contentHashOf } from "../../../src/system/blake3.ts";
import { encodeManifest, type ManifestEntry } from "../../../src/tree/manifest/manifest.ts";
import {
  getManifest,
  knownManifests,
  pruneManifests,
  putManifest,
} from "../../../src/tree/manifest/store.ts";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";

const test = suite("manifest store");
test.after(removeWorkspaces);

const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000);
const newMemory = () => ({ directory: makeDirectory() });
const fileOf = ({ directory }: { readonly directory: string }, name: string) =>
  join(directory, "manifests", name);

function tree(...names: string[]) {
  const entries = names.map(
    (name): ManifestEntry => ({
      path: toPath(name),
      type: "file",
      size: 1,
      digest: blake3Hex(Buffer.from("1")),
    }),
  );
  const manifest = encodeManifest(entries);
  return { entries, manifest, hash: contentHashOf(manifest) };
}

test("what was put is got again, and git never sees it", () => {
  const state = newMemory();
  const { entries, manifest, hash } = tree("a", "new\nline", "\xff");
  assert.equal(knownManifests(state), []);
  assert.is(getManifest(state, hash), null);
  putManifest(state, hash, manifest, at(0));
  putManifest(state, hash, manifest, at(1));
  assert.equal(getManifest(state, hash), entries);
  assert.equal(knownManifests(state), [hash]);
});

for (const [name, damage] of [
  ["cut off", (bytes: Buffer) => bytes.subarray(0, -1)],
  ["another tree's", () => tree("other").manifest],
  ["empty", () => Buffer.alloc(0)],
] as const)
  test(`a manifest that is ${name} is forgotten`, () => {
    const state = newMemory();
    const { manifest, hash } = tree("a");
    putManifest(state, hash, manifest, at(0));
    writeFileSync(fileOf(state, hash), damage(manifest));
    assert.is(getManifest(state, hash), null);
    assert.not(existsSync(fileOf(state, hash)));
  });

test("a file under its own hash that is no manifest is unknown", () => {
  const state = newMemory();
  const bytes = Buffer.from("pikaci-manifest/2\n");
  putManifest(state, contentHashOf(bytes), bytes, at(0));
  assert.is(getManifest(state, contentHashOf(bytes)), null);
});

test("the least recently used go first; a killed writer's file goes after an hour", () => {
  const state = newMemory();
  const trees = ["a", "b", "c", "d"].map((name) => tree(name));
  for (const [index, { hash, manifest }] of trees.entries()) putManifest(state, hash, manifest, at(index));
  const [first] = trees;
  if (first !== undefined) putManifest(state, first.hash, first.manifest, at(10));
  for (const [name, when] of [
    ["old.tmp", at(-4000)],
    ["young.tmp", at(0)],
  ] as const) {
    writeFileSync(fileOf(state, name), "");
    utimesSync(fileOf(state, name), when, when);
  }
  pruneManifests(state, at(11), 2);
  const kept = [trees[0], trees[3]].map((kept) => kept?.hash ?? "");
  assert.equal(readdirSync(fileOf(state, ".")).sort(), [...kept, "young.tmp"].sort());
});

test("the number of manifests is bounded", () => {
  const state = newMemory();
  for (let index = 0; index < 40; index += 1) {
    const { hash, manifest } = tree(String(index));
    putManifest(state, hash, manifest, at(index));
  }
  assert.is(knownManifests(state).length, 32);
  assert.ok(knownManifests(state).includes(tree("39").hash));
});

test("what cannot be written is named", () => {
  const state = newMemory();
  writeFileSync(join(state.directory, "manifests"), "");
  const { hash, manifest } = tree("a");
  try {
    putManifest(state, hash, manifest, at(0));
    assert.unreachable();
  } catch (error) {
    assert.instance(error, InfraError);
    assert.match(String(error), /cannot write .*manifests.*: (ENOTDIR|EEXIST)/);
    assert.match(error instanceof InfraError ? (error.hint ?? "") : "", /must be a directory/);
  }
});

test("processes that put and prune at once tear nothing", async () => {
  const state = newMemory();
  const words = [...childWords("test/tree/manifest/store-writer.ts"), state.directory];
  const children = [1, 2, 3].map(() => spawn(process.execPath, words, { stdio: "inherit" }));
  const ends = await Promise.all(children.map((child) => once(child, "exit")));
  assert.equal(
    ends.map(([code]) => code),
    [0, 0, 0],
  );
  for (const hash of knownManifests(state)) assert.ok(getManifest(state, hash));
});

test.run();
