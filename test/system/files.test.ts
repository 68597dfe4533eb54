import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SnapshotRefused } from "../../src/core/errors.ts";
import type { HashedEntry } from "../../src/core/snapshot.ts";
import { hashPath } from "../../src/nix/hash-path.ts";
import { readVerified } from "../../src/publish/verified.ts";
import { CHUNK_SIZE } from "../../src/system/files.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("readVerified");
test.after(removeWorkspaces);

async function hashed(
  files: Readonly<Record<string, string>>,
): Promise<{ root: string; entry: HashedEntry }> {
  const root = makeDirectory();
  writeFiles(root, files);
  return { root, entry: await firstEntry(root) };
}

async function firstEntry(root: string): Promise<HashedEntry> {
  const [entry] = (await hashPath(root, makeContext())).hashed.entries;
  if (entry === undefined) throw new Error("the tree is empty");
  return entry;
}

async function read(root: string, entry: HashedEntry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readVerified(root, entry)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("gives the content, whatever its size and name", async () => {
  for (const size of [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 3 * CHUNK_SIZE]) {
    const content = "x".repeat(size);
    const { root, entry } = await hashed({ "-n\n\xff": content });
    assert.ok((await read(root, entry)).equals(Buffer.from(content)), String(size));
  }
});

test("gives a symlink's target and nothing of a directory", async () => {
  const root = makeDirectory();
  symlinkSync("dang ling\n", join(root, "l"));
  assert.is((await read(root, await firstEntry(root))).toString(), "dang ling\n");
  const other = makeDirectory();
  mkdirSync(join(other, "d"));
  assert.is((await read(other, await firstEntry(other))).length, 0);
});

const changes: Record<string, (file: string) => void> = {
  longer: (file) => appendFileSync(file, "y"),
  shorter: (file) => execFileSync("truncate", ["-s", "-1", file]),
  "other content of the same size": (file) =>
    execFileSync("dd", ["if=/dev/zero", `of=${file}`, "bs=1", "count=1", "conv=notrunc", "status=none"]),
  gone: (file) => rmSync(file),
  "a symlink to the same content": (file) =>
    execFileSync("sh", ["-c", 'mv "$1" "$1.x"; ln -s "$1.x" "$1"', "sh", file]),
  "a FIFO": (file) => execFileSync("sh", ["-c", 'rm "$1"; mkfifo "$1"', "sh", file]),
  "a directory": (file) => execFileSync("sh", ["-c", 'rm "$1"; mkdir "$1"', "sh", file]),
};

test("a file that is executable by now is given out as it was hashed: the mode is the entry's", async () => {
  const { root, entry } = await hashed({ a: "content" });
  chmodSync(join(root, "a"), 0o755);
  const chunks: Buffer[] = [];
  for await (const chunk of readVerified(root, entry)) chunks.push(chunk);
  assert.is(Buffer.concat(chunks).toString(), "content");
});

for (const [what, change] of Object.entries(changes))
  test(`refuses by name a file that is now ${what}, before its last chunk`, async () => {
    const { root, entry } = await hashed({ "a b": "x".repeat(CHUNK_SIZE + 10) });
    change(join(root, "a b"));
    let given = 0;
    const error = await rejection(
      (async () => {
        for await (const chunk of readVerified(root, entry)) given += chunk.length;
      })(),
    );
    assert.instance(error, SnapshotRefused);
    assert.match(String(error), /"a b" changed after it was hashed/);
    assert.ok(given < entry.size);
  });

test("refuses a symlink that leads elsewhere by now", async () => {
  const root = makeDirectory();
  symlinkSync("one", join(root, "l"));
  const entry = await firstEntry(root);
  rmSync(join(root, "l"));
  symlinkSync("two", join(root, "l"));
  assert.match(String(await rejection(read(root, entry))), /"l" changed/);
});

function openPath(fd: string): string | null {
  try {
    return readlinkSync(join("/proc/self/fd", fd));
  } catch {
    return null; // the descriptor of the listing itself
  }
}

test("a reader that stops early leaves no file open", async () => {
  const { root, entry } = await hashed({ a: "x".repeat(3 * CHUNK_SIZE) });
  const open = () => readdirSync("/proc/self/fd").filter((fd) => openPath(fd) === join(root, "a"));
  for await (const chunk of readVerified(root, entry)) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.equal(open(), []);
});

test.run();
