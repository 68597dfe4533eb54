import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytePath } from "../../src/core/byte-path.ts";
import type { ContentHash } from "../../src/core/ids.ts";
import { NO_SOURCE } from "../../src/core/no-source.ts";
import type { HashedEntry, HashedSnapshot } from "../../src/core/snapshot.ts";
import { chooseBase } from "../../src/publish/base.ts";
import { differenceTo } from "../../src/publish/difference.ts";
import { encodePatch } from "../../src/publish/patch.ts";
import { blake3Hex, contentHashOf } from "../../src/system/blake3.ts";
import { assemble } from "../../src/tree/manifest/assemble.ts";
import { b3sums } from "../../src/tree/manifest/b3sums.ts";
import { byPath, encodeManifest } from "../../src/tree/manifest/manifest.ts";

const test = suite("base");

/** A tree of regular files, content by name. */
function tree(files: Readonly<Record<string, string>>): HashedSnapshot {
  const entries = Object.entries(files)
    .map(([name, content]): HashedEntry => {
      const bytes = Buffer.from(content);
      const path = bytePath(Buffer.from(name, "latin1"));
      return { path, type: "file", size: bytes.length, stat: "", digest: blake3Hex(bytes) };
    })
    .sort(byPath);
  const source = NO_SOURCE;
  return assemble({ workspace: "/w", source, entries, leftOut: [] }, entries);
}

const hundred = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`f${n}`, `${n}`.repeat(500)]));
const now = tree({ ...hundred, f1: "now" });
const near = tree({ ...hundred, f1: "before", f2: "too" });
const far = tree({ f3: hundred.f3 ?? "" });
const middle = tree({
  ...hundred,
  ...Object.fromEntries(
    Object.keys(hundred)
      .slice(0, 10)
      .map((name) => [name, "old"]),
  ),
});

/** Looks bases up among these, and notes which were asked for. */
function choose(published: readonly HashedSnapshot[], known: readonly HashedSnapshot[]) {
  const manifests = new Map<ContentHash, Buffer>(known.map((one) => [one.contentHash, one.manifest]));
  const looked: ContentHash[] = [];
  const base = chooseBase(
    published.map(({ contentHash }) => contentHash),
    (hash) => {
      looked.push(hash);
      return manifests.get(hash) ?? null;
    },
    now,
  );
  return {
    hash: base?.hash ?? null,
    fetched: base !== null && base.difference === null,
    looked: looked.length,
  };
}

test("none is taken where there is none but the tree itself", () => {
  assert.equal(choose([], []), { hash: null, fetched: false, looked: 0 });
  assert.equal(choose([now], [now]), { hash: null, fetched: false, looked: 0 });
});

test("the closest of those that are remembered is taken, a close one at once", () => {
  assert.equal(choose([far, middle, near], [far, middle, near]), {
    hash: near.contentHash,
    fetched: false,
    looked: 3,
  });
  assert.equal(choose([near, middle, far], [far, middle, near]), {
    hash: near.contentHash,
    fetched: false,
    looked: 1,
  });
});

test("the newest is fetched when none is remembered, or none that is close", () => {
  assert.equal(choose([middle, near], []), { hash: middle.contentHash, fetched: true, looked: 2 });
  assert.is(choose([middle, far], [far]).hash, middle.contentHash);
  assert.is(choose([middle, far], [far]).fetched, true);
  assert.is(choose([far, middle], [middle]).fetched, false);
});

test("not more than four manifests are read", () => {
  const many = Array.from({ length: 9 }, (_, n) => tree({ a: `${n}` }));
  assert.is(choose(many, many).looked, 4);
});

/** A patch as `patch_file` of the host applies it. */
function patched(before: Buffer, patch: Buffer): Buffer {
  const out: Buffer[] = [];
  for (let [at, read] = [0, 0]; at < patch.length; ) {
    const newline = patch.indexOf(10, at);
    const [action, count = "0"] = patch.toString("latin1", at, newline).split(" ");
    at = newline + 1;
    if (action === "l") out.push(patch.subarray(at, at + Number(count)));
    if (action === "c") out.push(before.subarray(read, read + Number(count)));
    if (action === "l") at += Number(count);
    else read += Number(count);
  }
  return Buffer.concat(out);
}

test("the difference names what changed, and both files follow from the old ones", () => {
  const odd = { "new\nline": "1", "\xff": "2", "back\\slash": "3", é: "4" };
  const pairs = [
    [near, now],
    [now, far],
    [tree({}), now],
    [now, tree({})],
    [tree({ ...hundred, ...odd }), tree({ ...hundred, ...odd, zz: "5", "\xff": "6" })],
    [tree({ ...hundred, ...odd }), tree(hundred)],
  ] as const;
  for (const [before, after] of pairs) {
    const difference = differenceTo(before.manifest, after);
    assert.ok(
      patched(before.manifest, encodePatch(difference.manifest, after.manifest)).equals(after.manifest),
    );
    const [old, wanted] = [before, after].map(({ manifest }) => b3sums(manifest).bytes);
    assert.is(
      patched(old ?? Buffer.alloc(0), encodePatch(difference.b3sums, wanted ?? Buffer.alloc(0))).toString(),
      wanted?.toString(),
    );
  }
  const { stale, added } = differenceTo(near.manifest, now);
  assert.equal(
    [stale, added].map((list) => list.map(({ path }) => path)),
    [
      ["f1", "f2"],
      ["f1", "f2"],
    ],
  );
  assert.ok(contentHashOf(encodeManifest(now.entries)) === now.contentHash);
});

test.run();
