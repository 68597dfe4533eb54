import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CancelledError, SnapshotRefused } from "../../src/core/errors.ts";
import type { HashedSnapshot } from "../../src/core/snapshot.ts";
import { selectFiles } from "../../src/nix/select-files.ts";
import { hash } from "../../src/tree/hash.ts";
import { parseManifest } from "../../src/tree/manifest/manifest.ts";
import { snapshot } from "../../src/tree/snapshot.ts";
import { eventually } from "../lab/rig.ts";
import { asNobody } from "../nobody.ts";
import {
  makeContext,
  makeDirectory,
  makeExecutable,
  rejection,
  removeWorkspaces,
  writeFiles,
} from "../workspace.ts";

const test = suite("hash");
test.after(removeWorkspaces);

const take = (root: string) =>
  snapshot({ workspace: root, filters: { include: [], exclude: [] } }, makeContext());

async function hashTree(files: Readonly<Record<string, string>>): Promise<HashedSnapshot> {
  const root = makeDirectory();
  writeFiles(root, files);
  return hash(await take(root), makeContext());
}

async function refusal(promise: Promise<unknown>): Promise<SnapshotRefused> {
  const error = await rejection(promise);
  if (error instanceof SnapshotRefused) return error;
  throw error;
}

test("the same tree has the same content hash wherever it lies; digests are those of b3sum", async () => {
  const files = { a: "hello\n", "dir/non\xff": "x".repeat(3_000_000), "new\nline": "" };
  const [one, two] = [await hashTree(files), await hashTree(files)];
  assert.is(one.contentHash, two.contentHash);
  assert.is(one.fileCount, 3);
  assert.is(one.byteCount, 3_000_006);
  for (const { path, digest } of one.entries)
    assert.is(
      digest,
      execFileSync("b3sum", ["--no-names"], { input: contentOf(files, path), encoding: "utf8" }).trim(),
    );
  assert.is(
    one.contentHash,
    execFileSync("b3sum", ["--no-names"], { input: one.manifest, encoding: "utf8" }).trim(),
  );
  assert.equal(
    parseManifest(one.manifest).map(({ path }) => path),
    one.entries.map(({ path }) => path),
  );
});

function contentOf(files: Readonly<Record<string, string>>, path: string): string {
  return files[path] ?? "";
}

test("trees that collide without length prefixes, and a chmod, differ", async () => {
  const hashes = [
    await hashTree({ ab: "c" }),
    await hashTree({ a: "bc" }),
    await hashTree({ a: "b", c: "" }),
    await hashTree({ "a\nb": "" }),
    await hashTree({ a: "", b: "" }),
  ].map(({ contentHash }) => contentHash);
  assert.is(new Set(hashes).size, hashes.length);
  const root = makeDirectory();
  writeFiles(root, { ab: "c" });
  makeExecutable(root, "ab");
  const executable = await hash(await take(root), makeContext());
  assert.is.not(executable.contentHash, hashes[0]);
  chmodSync(join(root, "ab"), 0o600);
  assert.is((await hash(await take(root), makeContext())).contentHash, hashes[0]);
});

test("a symlink is its target, an empty directory is there, the hashed event tells the counts", async () => {
  const root = makeDirectory();
  writeFiles(root, { real: "r" });
  symlinkSync("nowhere", join(root, "link"));
  mkdirSync(join(root, "empty"));
  const context = makeContext();
  const hashed = await hash(await take(root), context);
  assert.equal(
    hashed.entries.map(({ path, type, size }) => [path, type, size]),
    [
      ["empty", "directory", 0],
      ["link", "symlink", 7],
      ["real", "file", 1],
    ],
  );
  const { contentHash } = hashed;
  assert.equal(context.events, [{ type: "hashed", contentHash, fileCount: 2, byteCount: 8, filesRead: 2 }]);
});

test("what changed since the snapshot counts as it is now, what is gone is dropped", async () => {
  const root = makeDirectory();
  writeFiles(root, { changed: "old", chmod: "same", gone: "x", link: "file" });
  const taken = await take(root);
  writeFiles(root, { changed: "newer" });
  makeExecutable(root, "chmod");
  rmSync(join(root, "gone"));
  rmSync(join(root, "link"));
  symlinkSync("chmod", join(root, "link"));
  const late = await hash(taken, makeContext());
  const fresh = await hash(await take(root), makeContext());
  assert.equal(late.entries, fresh.entries);
  assert.is(late.contentHash, fresh.contentHash);
  assert.equal(
    late.entries.map(({ path, type }) => `${path} ${type}`),
    ["changed file", "chmod executable", "link symlink"],
  );
});

for (const [what, make, message] of [
  ["a directory", (path: string) => mkdirSync(path), /"a" became a directory/],
  ["a FIFO", (path: string) => execFileSync("mkfifo", [path]), /"a" became a special/],
] as const)
  test(`a file that became ${what} since the snapshot is refused by name`, async () => {
    const root = makeDirectory();
    writeFiles(root, { a: "x" });
    const taken = await take(root);
    rmSync(join(root, "a"));
    make(join(root, "a"));
    const error = await refusal(hash(taken, makeContext()));
    assert.match(error.message, message);
    assert.is(error.exitCode, 5);
    assert.match(error.hint ?? "", /again/);
  });

test("a file that will not hold still is refused by name, in a worker as well", async () => {
  const root = makeDirectory();
  writeFiles(root, { quiet: "x", "restless\n": "" });
  truncateSync(join(root, "restless\n"), 100_000_000);
  const taken = await take(root);
  const writer = spawn("sh", ["-c", 'while :; do echo x >>"$1"; done', "sh", join(root, "restless\n")]);
  try {
    await eventually("it is written to", 20, () =>
      statSync(join(root, "restless\n")).size > 100_000_000 ? true : null,
    );
    for (const workers of [0, 1]) {
      const error = await refusal(hash(taken, makeContext(), { workers }));
      assert.match(error.message, /"restless\\x0a" keeps changing while it is read/);
      assert.match(error.hint ?? "", /stop what writes to it/);
    }
  } finally {
    await end(writer);
  }
});

test("a file that is replaced again and again is whole in the end", async () => {
  const root = makeDirectory();
  const contents = ["a".repeat(2_000_000), "b".repeat(2_000_000)];
  writeFiles(root, { swapped: contents[0] ?? "" });
  const taken = await take(root);
  const digests = await Promise.all(
    contents.map(async (text) => (await hashTree({ swapped: text })).contentHash),
  );
  for (let round = 0; round < 20; round += 1) {
    writeFileSync(join(root, "next"), contents[round % 2] ?? "");
    renameSync(join(root, "next"), join(root, "swapped"));
    const hashed = await hash(taken, makeContext());
    assert.ok(digests.includes(hashed.contentHash));
  }
});

test("an unreadable file is refused by name", () => {
  const root = makeDirectory();
  writeFiles(root, { "closed\t": "1" });
  chmodSync(root, 0o755);
  chmodSync(join(root, "closed\t"), 0);
  const said = asNobody(
    'import { hash } from "./src/tree/hash.ts"; import { snapshot } from "./src/tree/snapshot.ts";',
    `const filters = { include: [], exclude: [] };
    const taken = await snapshot({ workspace: ${JSON.stringify(root)}, filters }, context);
    await hash(taken, context).catch((error) => console.log(error.name, error.message, error.hint));`,
  );
  assert.match(
    said,
    /^SnapshotRefused cannot read "closed\\x09": EACCES: permission denied make it readable/,
  );
});

test("workers and the main thread agree, also about what changed", async () => {
  const root = makeDirectory();
  const names = Array.from({ length: 1700 }, (_, index) => [`d${index % 7}/f${index}`, `content ${index}`]);
  writeFiles(root, Object.fromEntries(names));
  const taken = await take(root);
  writeFiles(root, { "d0/f0": "changed" });
  rmSync(join(root, "d1/f1"));
  const here = await hash(taken, makeContext(), { workers: 0 });
  const there = await hash(taken, makeContext(), { workers: 2 });
  assert.is(here.fileCount, 1699);
  assert.equal(there.entries, here.entries);
  assert.is(there.contentHash, here.contentHash);
});

for (const workers of [0, 2])
  test(`a cancelled run stops hashing, ${workers} workers`, async () => {
    const root = makeDirectory();
    const names = Array.from({ length: 1200 }, (_, index) => [`f${index}`, "x"]);
    writeFiles(root, Object.fromEntries(names));
    const controller = new AbortController();
    const hashing = hash(await take(root), makeContext({}, controller.signal), { workers });
    controller.abort(new CancelledError("SIGTERM"));
    const error = await rejection(hashing);
    assert.instance(error, CancelledError);
    assert.match(String(error), /SIGTERM/);
  });

test("a selection has the hash of a tree that holds just that", async () => {
  const all = await hashTree({ "flake.nix": "{}", "nix/a": "1", "src/b": "2" });
  const some = selectFiles(all, ["flake.*", "nix"]);
  assert.is(some.contentHash, (await hashTree({ "flake.nix": "{}", "nix/a": "1" })).contentHash);
  assert.is(some.fileCount, 2);
  assert.is(selectFiles(all, []), all);
  assert.is(selectFiles(all, ["none"]).contentHash, (await hashTree({})).contentHash);
});

async function end(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await closed;
}

test.run();
