import { spawnSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { extract } from "tar-stream";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BytePath, bytePath } from "../../src/core/byte-path.ts";
import { PUBLISHED_TIME } from "../../src/core/layout.ts";
import { chunked, chunkSize } from "../../src/publish/send-tree.ts";
import { type TarItem, tarChunks, tarDirectory, tarFile, tarLink } from "../../src/publish/tar.ts";
import { bytesSource } from "../../src/publish/verified.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

test.after(removeWorkspaces);

const path = (name: string): BytePath => bytePath(Buffer.from(name, "latin1"));

const symlink = (name: string, target: string): TarItem => ({
  path: path(name),
  type: "symlink",
  size: target.length,
  open: () => bytesSource(Buffer.from(target, "latin1")),
});

function archive(items: readonly TarItem[], chunkSize = 32_768): Buffer {
  const parts = [...tarChunks(items, () => chunkSize)];
  assert.ok(parts.every(({ length }) => length > 0 && length <= chunkSize));
  return Buffer.concat(parts);
}

test("GNU tar unpacks names, targets, modes and times as they were", async () => {
  const dir = makeDirectory();
  const long = `${"d".repeat(99)}/${"é".repeat(100)}`;
  const items = [
    tarDirectory(path("d".repeat(99))),
    tarFile(path(Buffer.from(long).toString("latin1")), Buffer.from("long")),
    tarFile(path("n".repeat(100)), Buffer.from("")),
    tarFile(path("m".repeat(101)), Buffer.alloc(100_513, "x")),
    tarLink(path("other name"), path("m".repeat(101))),
    tarFile(path("\xff\n\x01 -"), Buffer.from("bytes")),
    { ...tarFile(path("run"), Buffer.from("#!")), type: "executable" as const },
    symlink("short", "../out\xfe"),
    symlink("long", "t".repeat(250)),
  ];
  const { status, stderr } = spawnSync("tar", ["-x", "-p", "-C", dir, "-f", "-"], {
    input: archive(items),
  });
  assert.is(status, 0, String(stderr));
  const names = readdirSync(dir, { encoding: "buffer" }).map((name) => name.toString("latin1"));
  assert.ok(names.includes("\xff\n\x01 -"));
  assert.is(names.length, 8);
  assert.is(readFileSync(join(dir, long), "utf8"), "long");
  assert.is(readFileSync(join(dir, "m".repeat(101))).length, 100_513);
  const inode = (name: string) => lstatSync(join(dir, name)).ino;
  assert.is(inode("other name"), inode("m".repeat(101)));
  assert.is(readlinkSync(join(dir, "long")), "t".repeat(250));
  assert.is(readlinkSync(join(dir, "short"), { encoding: "buffer" }).toString("latin1"), "../out\xfe");
  assert.is(lstatSync(join(dir, "run")).mode & 0o7777, 0o755);
  assert.is(lstatSync(join(dir, "n".repeat(100))).mode & 0o7777, 0o644);
  assert.is(lstatSync(join(dir, "n".repeat(100))).mtimeMs, PUBLISHED_TIME * 1000);
});

test("tar-stream reads the same entries back", async () => {
  const name = fc.string({ unit: fc.constantFrom("a", "b", "-", "~"), minLength: 1, maxLength: 200 });
  const file = fc.tuple(name, fc.uint8Array({ maxLength: 2000 }));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(file, { selector: ([one]) => one, maxLength: 5 }), async (files) => {
      const items = files.map(([one, body]) => tarFile(path(one), Buffer.from(body)));
      const read: [string, number[]][] = [];
      const unpack = Readable.from([archive(items)]).pipe(extract());
      for await (const entry of unpack) {
        read.push([entry.header.name, [...(await buffer(entry))]]);
      }
      assert.equal(
        read,
        files.map(([one, body]) => [one, [...body]]),
      );
    }),
    { numRuns: 50 },
  );
});

test("a file of more than 8 GiB has its size in binary", () => {
  const size = 9 * 2 ** 30;
  const zeros = { read: (buffer: Buffer) => buffer.fill(0).length, close: () => {} };
  const first = tarChunks([{ path: path("big"), type: "file", size, open: () => zeros }], () => 32_768);
  const header = first.next().value?.subarray(0, 512);
  assert.is(header?.[124], 0x80);
  assert.is(header?.readBigUInt64BE(128), BigInt(size));
  const { stdout } = spawnSync("tar", ["-tv", "-f", "-"], { input: header ?? "" });
  assert.match(String(stdout), String(size));
});

test("chunks hold the same bytes, all of one size but the last", async () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 50 }));
  await fc.assert(
    fc.asyncProperty(parts, fc.integer({ min: 1, max: 64 }), async (arrays, size) => {
      const buffers = arrays.map((bytes) => Buffer.from(bytes));
      const chunks: Buffer[] = [];
      for await (const chunk of chunked(Readable.from(buffers), () => size)) chunks.push(chunk);
      assert.ok(Buffer.concat(chunks).equals(Buffer.concat(buffers)));
      assert.ok(chunks.slice(0, -1).every(({ length }) => length === size));
      assert.ok(chunks.every(({ length }) => length > 0 && length <= size));
    }),
  );
});

test("chunks are small on a slow line and large on a fast one, once the buffers are full", () => {
  const mib = 1024 * 1024;
  assert.is(chunkSize(0, 0), mib / 4);
  assert.is(chunkSize(15 * mib, 1), mib / 4);
  assert.is(chunkSize(16 * mib, 100), mib);
  assert.is(chunkSize(16 * mib, 900_000), mib / 16);
  assert.is(chunkSize(20 * mib, 80_000), mib / 2);
});

test.run();
