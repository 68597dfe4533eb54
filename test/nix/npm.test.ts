// needs: nix
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { digest, type Lock, resolvedLock, tarballs } from "../../nix/npm/lock.mjs";

const root = resolve(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "pikaci-npm-"));
test.after(() => rmSync(scratch, { recursive: true }));

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
const lock = readJson("package-lock.json") as Lock;

test("the hash of the tarballs was recorded for this package-lock.json", () => {
  const { lock: recorded, hash } = readJson("nix/npm/tarballs.json") as { lock: string; hash: string };
  assert.is(recorded, digest(lock), "run `npx tsx scripts/npm-tarballs.ts --write`");
  assert.match(hash, /^sha256-[A-Za-z0-9+/]{43}=$/);
});

test("a tarball is one however often it is installed; aliases and scopes have names of their own", () => {
  const one = { version: "1.0.0", integrity: "sha512-a" };
  const packages = {
    "": {},
    "node_modules/b": one,
    "node_modules/a/node_modules/b": one,
    "node_modules/alias": { ...one, name: "@scope/real" },
  };
  assert.equal(tarballs({ packages }), [
    { spec: "b@1.0.0", file: "b-1.0.0.tgz", integrity: "sha512-a" },
    { spec: "@scope/real@1.0.0", file: "scope+real-1.0.0.tgz", integrity: "sha512-a" },
  ]);
  const resolved = resolvedLock({ packages }, "/dir").packages;
  assert.is(resolved["node_modules/alias"]?.resolved, "file:/dir/scope+real-1.0.0.tgz");
  assert.equal(resolved[""], {});
});

test("each change of a tarball changes the digest", () => {
  const of = (version: string, integrity: string) =>
    digest({ packages: { "": {}, "node_modules/a": { version, integrity } } });
  assert.is(new Set([of("1.0.0", "x"), of("1.0.1", "x"), of("1.0.0", "y")]).size, 3);
});

test("no integrity: refused by name", () => {
  assert.throws(
    () => tarballs({ packages: { "node_modules/a": { version: "1.0.0" } } }),
    /no integrity for node_modules\/a/,
  );
});

test("a tarball that is not what the lock says is refused, and is not there", () => {
  const { version = "" } = lock.packages["node_modules/uvu"] ?? {};
  const wrong = { packages: { "node_modules/uvu": { version, integrity: "sha512-AAAA" } } };
  writeFileSync(join(scratch, "lock.json"), JSON.stringify(wrong));
  const words = [join(root, "nix/npm/fetch.mjs"), join(scratch, "lock.json"), join(scratch, "out")];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  assert.is(status, 1);
  assert.match(stderr, `uvu@${version} is not what package-lock.json says`);
  assert.equal(
    readdirSync(join(scratch, "out")).filter((name) => name.endsWith(".tgz")),
    [],
  );
});

test.run();
