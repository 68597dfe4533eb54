import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bytePath } from "../../src/core/byte-path.ts";
import { SparseEntries } from "../../src/publish/sparse-entries.ts";
import { dataBytes, type Piece, type SparseMap } from "../../src/publish/sparse-map.ts";
import { tarChunks, tarFile } from "../../src/publish/tar.ts";
import { bytesSource } from "../../src/publish/verified.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

test.after(removeWorkspaces);

const path = (name: string) => bytePath(Buffer.from(name, "latin1"));

function pushed(archive: Buffer, size: number) {
  const entries = new SparseEntries();
  const out: Buffer[] = [];
  for (let at = 0; at < archive.length; at += size)
    out.push(...entries.push(archive.subarray(at, at + size)));
  out.push(entries.end());
  return { bytes: Buffer.concat(out), maps: entries.maps };
}

/** Words of GNU tar, which makes or reads an archive here. */
function tar(words: readonly string[], cwd: string, input?: Buffer): Buffer {
  return execFileSync("tar", words, {
    cwd,
    input,
    maxBuffer: 2 ** 28,
    env: { PATH: process.env.PATH, LC_ALL: "C" },
  });
}

test("an archive without holes passes as it is, byte for byte, however it is cut", () => {
  const dir = makeDirectory();
  execFileSync(
    "sh",
    ["-c", "mkdir -p a/b; printf 1 >a/one; head -c 70000 /dev/urandom >a/b/S; ln -s x a/l; mkfifo a/f"],
    { cwd: dir },
  );
  const archive = tar(["-cf", "-", "a"], dir);
  for (const size of [1, 511, 512, 777, archive.length]) {
    const { bytes, maps } = pushed(archive, size);
    assert.ok(bytes.equals(archive), `${size}`);
    assert.is(maps.size, 0);
  }
});

test("random bytes pass as they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 600 }), (random, size) => {
      const bytes = Buffer.from(random);
      assert.ok(pushed(bytes, size).bytes.equals(bytes));
    }),
  );
});

test("an archive that is cut stays cut", () => {
  const archive = Buffer.concat([
    ...tarChunks([sparseItem("x", { size: 9e9, data: [{ offset: 4096, length: 1000 }] })], () => 32_768),
  ]);
  for (const length of [100, 512, 900, 1511]) {
    const { bytes } = pushed(archive.subarray(0, length), 64);
    assert.is(bytes.length, length);
  }
});

/** A file whose data is the letter `d`. */
function sparseItem(name: string, map: SparseMap) {
  const content = Buffer.alloc(dataBytes(map), "d");
  return {
    path: path(name),
    type: "file" as const,
    size: map.size,
    sparse: map,
    open: () => bytesSource(content),
  };
}

test("GNU tar's maps are read, with 0 to 100 pieces, and what follows them", () => {
  for (const count of [0, 1, 3, 4, 5, 24, 25, 26, 46, 100]) {
    const dir = makeDirectory();
    const script = `truncate -s 20M holes; i=0
      while [ $i -lt ${count} ]; do printf data | dd of=holes bs=1 seek=$((i * 131072 + 70000)) conv=notrunc status=none; i=$((i + 1)); done
      printf after >z`;
    execFileSync("sh", ["-c", script], { cwd: dir });
    const archive = tar(["--format=gnu", "--sparse", "-cf", "-", "holes", "z"], dir);
    for (const size of [512, 777, archive.length]) {
      const { bytes, maps } = pushed(archive, size);
      const map = maps.get(0);
      if (map === undefined || "unusable" in map) throw new Error(`${count}: ${JSON.stringify(map)}`);
      assert.is(map.size, 20 * 1024 * 1024);
      assert.is(map.data.length, count);
      const listed = tar(["-tf", "-"], dir, bytes).toString();
      assert.is(listed, "holes\nz\n");
      // The data alone: what the map says of it makes the file.
      const file = Buffer.alloc(map.size);
      let at = 512;
      for (const { offset, length } of map.data) at += bytes.copy(file, offset, at, at + length);
      assert.ok(file.equals(readFileSync(join(dir, "holes"))), `${count} pieces`);
    }
  }
});

test("GNU tar makes the holes that are written here, and its reader here finds the same", () => {
  const gap = fc.tuple(fc.integer({ min: 1, max: 200_000 }), fc.integer({ min: 1, max: 18 }));
  fc.assert(
    fc.property(fc.array(gap, { maxLength: 60 }), fc.nat(100_000), (gaps, tail) => {
      const data: Piece[] = [];
      let end = 0;
      for (const [hole, blocks] of gaps) {
        const length = blocks * 512;
        data.push({ offset: end + hole, length });
        end += hole + length;
      }
      const map = { size: end + tail + 1, data };
      const archive = Buffer.concat([
        ...tarChunks([sparseItem("f", map), tarFile(path("g"), Buffer.from("g"))], () => 32_768),
      ]);
      assert.equal(pushed(archive, 4096).maps.get(0), map);
      const dir = makeDirectory();
      tar(["-xf", "-"], dir, archive);
      const expected = Buffer.alloc(map.size);
      for (const { offset, length } of data) expected.fill("d", offset, offset + length);
      assert.ok(readFileSync(join(dir, "f")).equals(expected));
      assert.is(readFileSync(join(dir, "g"), "utf8"), "g");
    }),
    { numRuns: 25 },
  );
});

test("places beyond 8 GiB are written in binary, as GNU tar reads them", () => {
  const map = { size: 2 ** 40 + 7, data: [{ offset: 2 ** 40, length: 7 }] };
  const archive = Buffer.concat([...tarChunks([sparseItem("far", map)], () => 32_768)]);
  assert.equal(pushed(archive, 512).maps.get(0), map);
  const listed = spawnSync("tar", ["-tvf", "-"], { input: archive, encoding: "utf8" });
  assert.is(listed.status, 0, listed.stderr);
  assert.match(listed.stdout, ` ${map.size} `);
});

test("an entry of type S that is not in GNU's format passes as it is", () => {
  const archive = Buffer.concat([...tarChunks([tarFile(path("f"), Buffer.from("f"))], () => 32_768)]);
  archive.write("S", 156);
  archive.write("ustar\x0000", 257);
  const { bytes, maps } = pushed(archive, 512);
  assert.ok(bytes.equals(archive));
  assert.is(maps.size, 0);
});

test.run();
