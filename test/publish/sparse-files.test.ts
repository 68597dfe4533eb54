import { closeSync, ftruncateSync, lstatSync, openSync, symlinkSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { HashedEntry } from "../../src/core/snapshot.ts";
import { SparseFiles } from "../../src/publish/sparse-files.ts";
import { dataBytes, type Piece, type SparseMap } from "../../src/publish/sparse-map.ts";
import { openVerifiedData } from "../../src/publish/verified.ts";
import { makeContext, makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";
import { hashTree } from "./publish-rig.ts";

test.after(removeWorkspaces);

const KIB = 1024;
const piece = (offset: number, length: number): Piece => ({ offset, length });

/** A file of `size` bytes that has an `x` at each of these places, and a hole everywhere else. */
function writeSparse(path: string, size: number, places: readonly number[]): void {
  const fd = openSync(path, "w");
  for (const place of places) writeSync(fd, "x", place);
  ftruncateSync(fd, size);
  closeSync(fd);
}

/** The hashed entry of a tree's one file, and the map that is found of it. */
async function found(root: string): Promise<{ entry: HashedEntry; map: SparseMap | null }> {
  const hashed = await hashTree(root, makeContext());
  const sparse = new SparseFiles(hashed.snapshot);
  await sparse.find(hashed.entries);
  const entry = hashed.entries.find(({ type }) => type !== "directory");
  if (entry === undefined) throw new Error("no file");
  return { entry, map: sparse.mapOf(entry) };
}

/** The last block is always there. */
const cases: readonly (readonly [string, number, readonly number[], readonly Piece[]])[] = [
  ["nothing but a hole", 1024 * KIB, [], [piece(1020 * KIB, 4 * KIB)]],
  ["nothing but a hole, and an odd length", 1024 * KIB + 1, [], [piece(1024 * KIB, 1)]],
  ["a beginning", 1024 * KIB, [0], [piece(0, 4 * KIB), piece(1020 * KIB, 4 * KIB)]],
  ["an end", 1024 * KIB, [1024 * KIB - 1], [piece(1020 * KIB, 4 * KIB)]],
  [
    "data in two blocks that touch",
    1024 * KIB,
    [4 * KIB, 8 * KIB],
    [piece(4 * KIB, 8 * KIB), piece(1020 * KIB, 4 * KIB)],
  ],
  [
    "data across two reads",
    4096 * KIB,
    [1023 * KIB, 1024 * KIB],
    [piece(1020 * KIB, 8 * KIB), piece(4092 * KIB, 4 * KIB)],
  ],
  ["data in the last block but one", 1024 * KIB, [1017 * KIB], [piece(1016 * KIB, 8 * KIB)]],
];

for (const [what, size, places, data] of cases)
  test(`a file with ${what}`, async () => {
    const root = makeDirectory();
    writeSparse(join(root, "f"), size, places);
    const { map } = await found(root);
    assert.equal(map, { size, data });
  });

test("what has no holes has no map: small files, zeros that are written, links", async () => {
  const root = makeDirectory();
  writeFiles(root, { zeros: "\0".repeat(300 * KIB), full: "x".repeat(300 * KIB) });
  writeSparse(join(root, "small"), 63 * KIB, []);
  symlinkSync("t".repeat(200), join(root, "link"));
  const hashed = await hashTree(root, makeContext());
  const sparse = new SparseFiles(hashed.snapshot);
  await sparse.find(hashed.entries);
  assert.equal(
    hashed.entries.map((entry) => sparse.mapOf(entry)),
    [null, null, null, null],
  );
  assert.is(sparse.holeBytes(hashed.entries), 0);
});

test("a file that is gone, or a link by now, has no map: the sender names it", async () => {
  const root = makeDirectory();
  writeSparse(join(root, "f"), 1024 * KIB, []);
  const hashed = await hashTree(root, makeContext());
  const other = { ...hashed.snapshot, workspace: makeDirectory() };
  symlinkSync(join(root, "f"), join(other.workspace, "f"));
  for (const snapshot of [{ ...other, workspace: makeDirectory() }, other]) {
    const sparse = new SparseFiles(snapshot);
    await sparse.find(hashed.entries);
    assert.is(sparse.holeBytes(hashed.entries), 0);
  }
});

/** All that the source gives, how often it had nothing yet, and what it threw. */
function readData(root: string, entry: HashedEntry, map: SparseMap, chunk = 4096) {
  const parts: Buffer[] = [];
  let pauses = 0;
  try {
    const source = openVerifiedData(root, entry, map);
    try {
      for (let left = dataBytes(map); left > 0; ) {
        const buffer = Buffer.alloc(Math.min(chunk, left));
        const count = source.read(buffer);
        if (count === 0) pauses += 1;
        parts.push(buffer.subarray(0, count));
        left -= count;
      }
    } finally {
      source.close();
    }
    return { bytes: Buffer.concat(parts), pauses, error: null };
  } catch (error) {
    return { bytes: Buffer.concat(parts), pauses, error: String(error) };
  }
}

test("the data and the map together are the file, for any holes and chunks", async () => {
  const places = fc.uniqueArray(fc.nat(3_000_000), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      places,
      fc.integer({ min: 64 * KIB, max: 4_000_000 }),
      fc.integer({ min: 1, max: 100_000 }),
      async (all, size, chunk) => {
        const root = makeDirectory();
        const within = all.filter((place) => place < size);
        writeSparse(join(root, "f"), size, within);
        const { entry, map } = await found(root);
        if (map === null) return;
        const { bytes, error } = readData(root, entry, map, Math.max(chunk, 500));
        assert.is(error, null);
        const file = Buffer.alloc(size);
        let at = 0;
        for (const { offset, length } of map.data) at += bytes.copy(file, offset, at, at + length);
        const expected = Buffer.alloc(size);
        for (const place of within) expected.write("x", place);
        assert.ok(file.equals(expected));
      },
    ),
    { numRuns: 30 },
  );
});

test("a long hole is hashed in steps, so that others may run", async () => {
  const root = makeDirectory();
  writeSparse(join(root, "f"), 300 * KIB * KIB, [0]);
  const { entry, map } = await found(root);
  if (map === null) throw new Error("no map");
  const { pauses, error } = readData(root, entry, map);
  assert.equal([pauses, error], [4, null]);
});

test("what is in a hole by now is not sent; data that changed is named before its last byte", async () => {
  const root = makeDirectory();
  const file = join(root, "f");
  writeSparse(file, 1024 * KIB, [0]);
  const { entry, map } = await found(root);
  if (map === null) throw new Error("no map");
  const overwrite = (text: string, place: number) => {
    const fd = openSync(file, "r+");
    writeSync(fd, text, place);
    closeSync(fd);
  };
  overwrite("y", 500 * KIB);
  assert.is(readData(root, entry, map).error, null);
  overwrite("y", 1);
  const changed = readData(root, entry, map);
  assert.match(changed.error ?? "", /"f" changed after it was hashed/);
  assert.is(changed.bytes.length, 4 * KIB);
  truncateSync(file, 1000 * KIB);
  assert.match(readData(root, entry, map).error ?? "", /"f" changed/);
  assert.ok(lstatSync(file).size === 1000 * KIB);
});

test.run();
