import { execFileSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toPath } from "../../../src/core/byte-path.ts";
import { hashPath } from "../../../src/nix/hash-path.ts";
import { b3sums, digestLines } from "../../../src/tree/manifest/b3sums.ts";
import { encodeManifest } from "../../../src/tree/manifest/manifest.ts";
import { makeContext, makeDirectory, makeExecutable, removeWorkspaces, writeFiles } from "../../workspace.ts";

const test = suite("b3sums");
test.after(removeWorkspaces);

const printable = ["-", "-dash", "new\nline", "back\\slash", " lead", "tab\t", "*", "$(id)", "'q\"", "a/b/c"];
const refused = ["non\xffutf8", Buffer.from("\ufffd").toString("latin1"), "cr\r"];

function digestText(manifest: Buffer): string {
  let text = "";
  digestLines(manifest, (lines) => {
    text += lines.toString();
  });
  return text;
}

function check(root: string, text: string): string {
  return execFileSync("b3sum", ["--check"], { cwd: root, input: text, encoding: "utf8" });
}

test("the real b3sum checks every name that it can print; the others are counted", async () => {
  const root = makeDirectory();
  writeFiles(root, Object.fromEntries([...printable, ...refused].map((name) => [name, name])));
  makeExecutable(root, "*");
  const { hashed } = await hashPath(root, makeContext());
  const { bytes, leftOut } = b3sums(hashed.manifest);
  const text = bytes.toString();
  assert.is(leftOut, refused.length);
  assert.is(check(root, text).match(/: OK$/gm)?.length, printable.length);
});

test("b3sum finds a changed byte", async () => {
  const root = makeDirectory();
  writeFiles(root, { "new\nline": "a" });
  const { hashed } = await hashPath(root, makeContext());
  writeFiles(root, { "new\nline": "b" });
  assert.throws(() => check(root, b3sums(hashed.manifest).bytes.toString()), /Command failed/);
});

test("symlinks and directories are not listed", () => {
  const digest = "0".repeat(64);
  const manifest = encodeManifest([
    { path: toPath("l"), type: "symlink", size: 1, digest },
    { path: toPath("d"), type: "directory", size: 0, digest },
  ]);
  assert.equal(b3sums(manifest), { bytes: Buffer.alloc(0), leftOut: 0 });
  assert.is(digestText(manifest), "");
});

test("more digests than are visited at once", () => {
  const entries = Array.from({ length: 2001 }, (_, at) => {
    const digest = at.toString(16).padStart(64, "0");
    return { path: toPath(String(at).padStart(4, "0")), type: "file", size: 1, digest } as const;
  });
  assert.is(digestText(encodeManifest(entries)), entries.map(({ digest }) => `${digest}\n`).join(""));
});

test("the digests are in byte order of the names, whatever these are", async () => {
  const root = makeDirectory();
  writeFiles(root, Object.fromEntries([...printable, ...refused].map((name) => [name, name])));
  makeExecutable(root, "*");
  const { hashed } = await hashPath(root, makeContext());
  const lines = hashed.entries.map(({ digest }) => `${digest}\n`);
  assert.is(digestText(hashed.manifest), lines.join(""));
});

test.run();
