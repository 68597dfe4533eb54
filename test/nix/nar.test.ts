// needs: nix
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { TreeChanged } from "../../src/core/errors.ts";
import { addToStore } from "../../src/nix/client.ts";
import { hashPath } from "../../src/nix/hash-path.ts";
import { narHash, storePathOf } from "../../src/nix/nar.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("store paths without Nix");
test.after(removeWorkspaces);

async function ownPath(path: string, name: string): Promise<string> {
  const { realPath, kind, hashed } = await hashPath(path, makeContext());
  const root = kind === "directory" ? realPath : join(realPath, "..");
  return storePathOf(await narHash(root, hashed.entries, kind === "file", makeContext().signal), name);
}

const context = () => ({ ...makeContext(), env: process.env });

test("a tree has the store path that Nix gives it", async () => {
  const root = makeDirectory();
  writeFiles(root, {
    "a/b": "1",
    "a.b": "22",
    "a-b/c": "7 bytes",
    aé: "8 bytes.",
    "new\nline": "",
    "deep/er/still": "x".repeat(100_000),
    exe: "#!/bin/sh\n",
  });
  writeFileSync(Buffer.concat([Buffer.from(join(root, "raw")), Buffer.from([0xff])]), "raw");
  chmodSync(join(root, "exe"), 0o755);
  mkdirSync(join(root, "empty/inner"), { recursive: true });
  symlinkSync("../../packages/ä", join(root, "a/link"));
  symlinkSync("/nowhere", join(root, "dangling"));
  assert.is(await ownPath(root, "node_modules"), await addToStore(root, "node_modules", context()));
  assert.is(await ownPath(join(root, "empty"), "e"), await addToStore(join(root, "empty"), "e", context()));
});

test("so do a file, one that can be executed, and an empty directory", async () => {
  const root = makeDirectory();
  writeFiles(root, { file: "text", exe: "#!/bin/sh\n", empty: "" });
  chmodSync(join(root, "exe"), 0o755);
  mkdirSync(join(root, "directory"));
  for (const name of ["file", "exe", "empty", "directory"]) {
    const path = join(root, name);
    assert.is(await ownPath(path, name), await addToStore(path, name, context()), name);
  }
});

test("a file that changed since it was hashed has none", async () => {
  const root = makeDirectory();
  writeFiles(root, { a: "1", b: "2" });
  const { hashed } = await hashPath(root, makeContext());
  writeFiles(root, { b: "3" });
  assert.instance(await rejection(narHash(root, hashed.entries, false, makeContext().signal)), TreeChanged);
});

test.run();
