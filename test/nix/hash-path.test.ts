import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toPath } from "../../src/core/byte-path.ts";
import { SnapshotRefused } from "../../src/core/errors.ts";
import { defaultExclude } from "../../src/core/left-out.ts";
import { hashPath } from "../../src/nix/hash-path.ts";
import { globMatcher } from "../../src/tree/globs.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("hash a path");
test.after(removeWorkspaces);

test("a directory counts whole: what git ignores, `.git`, empty directories, symlinks", async () => {
  const root = makeDirectory();
  writeFiles(root, { ".gitignore": "*", a: "1", ".git/x": "", ".pikaci/y": "" });
  mkdirSync(join(root, "empty"));
  symlinkSync("a", join(root, "link"));
  const { kind, hashed } = await hashPath(root, makeContext());
  assert.is(kind, "directory");
  const paths = hashed.entries.map(({ path }) => path as string);
  assert.equal(paths, [".git/x", ".gitignore", ".pikaci/y", "a", "empty", "link"]);
});

test("a single file, and a symlink that leads to a directory", async () => {
  const root = makeDirectory();
  writeFiles(root, { "real/a": "1" });
  symlinkSync("real", join(root, "link"));
  const file = await hashPath(join(root, "real/a"), makeContext());
  assert.is(file.kind, "file");
  assert.equal(
    file.hashed.entries.map(({ path, size }) => [path, size]),
    [["a", 1]],
  );
  const linked = await hashPath(join(root, "link"), makeContext());
  assert.is(linked.kind, "directory");
  assert.match(linked.realPath, /\/real$/);
  assert.is(
    linked.hashed.contentHash,
    (await hashPath(join(root, "real"), makeContext())).hashed.contentHash,
  );
});

test("what the globs leave out is not hashed, and not looked at", async () => {
  const root = makeDirectory();
  writeFiles(root, {
    "node_modules/a": "1",
    "node_modules/.cache/x": "",
    "node_modules/b/.cache/y": "",
    "new\nline/x": "",
  });
  execFileSync("mkfifo", [join(root, "node_modules/.cache/pipe")]);
  const { hashed } = await hashPath(root, makeContext(), { exclude: defaultExclude("some/where") });
  const paths = hashed.entries.map(({ path }) => path as string);
  assert.equal(paths, ["new\nline/x", "node_modules/a", "node_modules/b/.cache/y"]);
  assert.equal(
    hashed.snapshot.leftOut.map(({ path }) => path as string),
    ["node_modules/.cache/"],
  );
});

const inAny = ["node_modules/.vite", "node_modules/.cache", "a/node_modules/.cache"];
const atTop = [".vite/x", ".vite-temp", ".cache"];
for (const [path, left] of [
  ["node_modules", [...atTop, ...inAny]],
  ["/abs/packages/a/node_modules", [...atTop, ...inAny]],
  ["packages", inAny],
  ["my_node_modules", inAny],
] as const)
  test(`what is left out of ${path} by default`, () => {
    const match = globMatcher(defaultExclude(path));
    const kept = [".cached", "a/.cache", "a/node_modules/b/.cache", ".bin/vite", "node_modules/a"];
    assert.equal(
      [...atTop, ...inAny, ...kept].filter((one) => match(toPath(one)) !== null),
      left,
    );
  });

test("what is missing or cannot be sent is refused by name", async () => {
  const missing = await rejection(hashPath("/nonexistent/node_modules", makeContext()));
  assert.instance(missing, SnapshotRefused);
  assert.match(String(missing), /"\/nonexistent\/node_modules" does not exist/);
  const root = makeDirectory();
  execFileSync("mkfifo", [join(root, "pipe")]);
  const special = await rejection(hashPath(root, makeContext()));
  assert.instance(special, SnapshotRefused);
  assert.match(String(special), /"pipe" in .* is a socket, FIFO or device/);
});

test.run();
