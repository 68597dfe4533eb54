// needs: nix
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  digest,
  type Lock,
  packageLock,
  packageManifest,
  resolvedLock,
  SYSTEMS,
  tarballs,
} from "../../nix/npm/lock.mjs";

const root = resolve(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "pikaci-npm-"));
test.after(() => rmSync(scratch, { recursive: true }));

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
const lock = readJson("package-lock.json") as Lock;

const SYSTEM = "x86_64-linux";
const MOST_BYTES = 40_000_000;

interface Recorded {
  readonly lock: string;
  readonly hash: string;
  readonly bytes: number;
}

test("the hash of each system's tarballs was recorded for this package-lock.json, and they are few", () => {
  const recorded = readJson("nix/npm/tarballs.json") as Record<string, Recorded>;
  assert.equal(Object.keys(recorded), Object.keys(SYSTEMS));
  for (const [system, { lock: known, hash, bytes }] of Object.entries(recorded)) {
    assert.is(known, digest(lock, system), "run `npx tsx scripts/npm-tarballs.ts --write`");
    assert.match(hash, /^sha256-[A-Za-z0-9+/]{43}=$/);
    assert.ok(bytes > 1_000_000 && bytes <= MOST_BYTES, `${system}: ${bytes}`);
  }
});

test("what is fetched here has as many bytes as recorded", () => {
  const out = join(scratch, "fetched");
  const words = [join(root, "nix/npm/fetch.mjs"), join(root, "package-lock.json"), SYSTEM, out];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  assert.is(status, 0, stderr);
  const bytes = readdirSync(out).reduce((sum, name) => sum + statSync(join(out, name)).size, 0);
  assert.is(bytes, (readJson("nix/npm/tarballs.json") as Record<string, Recorded>)[SYSTEM]?.bytes);
});

test("a system has its own binaries of the bundler and the hash, and no developer tools", () => {
  for (const [system, { os, cpu }] of Object.entries(SYSTEMS)) {
    const files = tarballs(lock, system).map(({ spec }) => spec.replace(/@[^@]*$/, ""));
    const native = files.filter((name) => /^@(esbuild|napi-rs)\/.*-(x64|arm64)/.test(name)).sort();
    const libc = os === "linux" ? "-gnu" : "";
    assert.equal(native, [`@esbuild/${os}-${cpu}`, `@napi-rs/blake-hash-${os}-${cpu}${libc}`]);
    for (const name of ["zod", "zx", "esbuild"]) assert.ok(files.includes(name), name);
    for (const name of ["typescript", "@biomejs/biome", "tsx", "playwright-core", "uvu"])
      assert.not.ok(files.includes(name), name);
  }
  assert.throws(() => tarballs(lock, "riscv64-linux"), /riscv64-linux is none of aarch64-darwin/);
});

test("the package's lock fits its package.json: npm's own packages of other tools are in neither", () => {
  const manifest = packageManifest({ devDependencies: { esbuild: "1", uvu: "1" }, name: "x" });
  assert.equal(manifest, { devDependencies: { esbuild: "1" }, name: "x" });
  const reduced = packageLock(lock).packages;
  assert.equal(Object.keys(reduced[""]?.devDependencies ?? {}), ["esbuild"]);
  assert.is(reduced["node_modules/uvu"], undefined);
  assert.ok(Object.hasOwn(reduced, "node_modules/@esbuild/win32-x64"));
});

test("a tarball is one however often it is installed; aliases and scopes have names of their own", () => {
  const one = { version: "1.0.0", integrity: "sha512-a" };
  const packages = {
    "": {},
    "node_modules/b": one,
    "node_modules/a/node_modules/b": one,
    "node_modules/alias": { ...one, name: "@scope/real" },
  };
  assert.equal(tarballs({ packages }, SYSTEM), [
    { spec: "b@1.0.0", file: "b-1.0.0.tgz", integrity: "sha512-a" },
    { spec: "@scope/real@1.0.0", file: "scope+real-1.0.0.tgz", integrity: "sha512-a" },
  ]);
  const resolved = resolvedLock({ packages }, "/dir").packages;
  assert.is(resolved["node_modules/alias"]?.resolved, "file:/dir/scope+real-1.0.0.tgz");
  assert.equal(resolved[""], { devDependencies: {} });
});

test("each change of a tarball changes the digest", () => {
  const of = (version: string, integrity: string) =>
    digest({ packages: { "": {}, "node_modules/a": { version, integrity } } }, SYSTEM);
  assert.is(new Set([of("1.0.0", "x"), of("1.0.1", "x"), of("1.0.0", "y")]).size, 3);
});

test("no integrity: refused by name", () => {
  assert.throws(
    () => tarballs({ packages: { "node_modules/a": { version: "1.0.0" } } }, SYSTEM),
    /no integrity for node_modules\/a/,
  );
});

test("a tarball that is not what the lock says is refused, and is not there", () => {
  const { version = "" } = lock.packages["node_modules/uvu"] ?? {};
  const wrong = { packages: { "node_modules/uvu": { version, integrity: "sha512-AAAA" } } };
  writeFileSync(join(scratch, "lock.json"), JSON.stringify(wrong));
  const words = [join(root, "nix/npm/fetch.mjs"), join(scratch, "lock.json"), SYSTEM, join(scratch, "out")];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  assert.is(status, 1);
  assert.match(stderr, `uvu@${version} is not what package-lock.json says`);
  assert.equal(
    readdirSync(join(scratch, "out")).filter((name) => name.endsWith(".tgz")),
    [],
  );
});

test.run();
