import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytePath } from "../../../src/core/byte-path.ts";
import { parseContentHash } from "../../../src/core/ids.ts";
import { blake3Hex, contentHashOf } from "../../../src/system/blake3.ts";
import { encodeManifest, type ManifestEntry } from "../../../src/tree/manifest/manifest.ts";
import { rememberedPaths } from "../../../src/tree/manifest/paths.ts";
import { putManifest } from "../../../src/tree/manifest/store.ts";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";

const test = suite("remembered paths");
test.after(removeWorkspaces);

function entry(name: string, type: ManifestEntry["type"]): ManifestEntry {
  return { path: bytePath(Buffer.from(name)), type, size: 0, digest: blake3Hex(Buffer.alloc(0)) };
}

test("files and symlinks, in their printable form", () => {
  const memory = { directory: makeDirectory() };
  const entries = [
    entry("a.c", "file"),
    entry("d", "directory"),
    entry("new\nline", "file"),
    entry("run", "executable"),
    entry("to", "symlink"),
    entry("é", "file"),
  ];
  const manifest = encodeManifest(entries);
  const hash = contentHashOf(manifest);
  putManifest(memory, hash, manifest, new Date(0));
  assert.equal([...(rememberedPaths(memory, hash) ?? [])], ["a.c", "new\\x0aline", "run", "to", "é"]);
});

test("null for what is not remembered, and where nothing is or can be read", () => {
  const hash = parseContentHash("0".repeat(64));
  const directory = makeDirectory();
  assert.is(rememberedPaths({ directory }, hash), null);
  assert.is(rememberedPaths({ directory: null }, hash), null);
  mkdirSync(join(directory, "manifests", hash), { recursive: true });
  assert.is(rememberedPaths({ directory }, hash), null);
});

test.run();
