import { readdirSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { explainNix } from "../../src/nix/errors.ts";

const fixtures = new URL("../fixtures/nix/", import.meta.url);
const versions = readdirSync(fixtures);

const expected = {
  failing: [3, /a Nix build failed:[\s\S]*> main\.c:3: error: expected ;/, /nix build/],
  foreign: [3, /cannot build for riscv64-linux/, /host's own system/],
  lock: [2, /`flake\.lock` is incomplete/, /nix flake lock.*git add/],
  missing: [2, /none of 'packages\.x86_64-linux\.missing'/, /nix flake show/],
  noflake: [2, /^the snapshot has no flake\.nix$/, /git add/],
  noout: [3, /failed to produce output path/, /nix build/],
  parent: [2, /input `(dep|\.\.\/dep)` points above/, /2\.26/],
  text: [2, /is not a derivation/, /nix build/],
  thrown: [3, /this package is not for you/, /above/],
  two: [3, /a Nix build failed:[\s\S]*> main\.c:3: error: expected ;/, /nix build/],
} as const;

test("there are recordings of three versions", () => {
  assert.equal(versions.sort(), ["2.26", "2.34", "2.8"]);
});

for (const version of versions)
  for (const [name, [exitCode, message, hint]] of Object.entries(expected))
    test(`Nix ${version}: ${name}`, () => {
      const error = explainNix(readFileSync(new URL(`${version}/${name}.txt`, fixtures), "utf8"));
      assert.match(error.message, message);
      assert.match(error.hint ?? "", hint);
      assert.is(error.exitCode, exitCode);
      assert.not.match(error.message, /show-trace/);
    });

const copies = [
  ["unsigned", "trust", 4, /-mm' because it lacks a signature/, /trusted-public-keys/],
  ["unknown-host-key", "trust", 4, /host key of ci@10\.77\.42\.18/, /ssh-keyscan/],
  ["refused", "infra", 3, /cannot reach 127\.0\.0\.1: ssh: .*Connection refused/, /without a question/],
  [
    "refused-ng",
    "infra",
    3,
    /cannot reach root@127\.0\.0\.1: ssh: .*Connection refused/,
    /without a question/,
  ],
  ["denied", "infra", 3, /Permission denied \(publickey\)/, /without a question/],
] as const;

for (const [name, kind, exitCode, message, hint] of copies)
  test(`nix copy: ${name}`, () => {
    const recording = new URL(`../fixtures/nix-copy/${name}.txt`, import.meta.url);
    const error = explainNix(readFileSync(recording, "utf8"));
    assert.equal([error.kind, error.exitCode], [kind, exitCode]);
    assert.match(error.message, message);
    assert.match(error.hint ?? "", hint);
  });

test("a lock that lacks an input, without network: 2.26 and later know that it is the lock, 2.8 hints at it", () => {
  for (const version of versions) {
    const error = explainNix(readFileSync(new URL(`${version}/offline.txt`, fixtures), "utf8"));
    assert.is(error.exitCode, version === "2.8" ? 3 : 2);
    assert.match(error.hint ?? "", /nix flake lock/);
  }
});

test("a lock that lacks an input which cannot be fetched is incomplete", () => {
  for (const version of ["2.26", "2.34"]) {
    const error = explainNix(readFileSync(new URL(`${version}/nowhere.txt`, fixtures), "utf8"));
    assert.equal([error.kind, error.exitCode], ["config", 2]);
    assert.match(
      error.message,
      /^a flake's `flake.lock` is incomplete: [\s\S]*input 'dep'[\s\S]*does not exist$/,
    );
  }
});

test("the last lines of a build come once", () => {
  for (const version of versions) {
    const { message } = explainNix(readFileSync(new URL(`${version}/failing.txt`, fixtures), "utf8"));
    assert.is(message.match(/main\.c:3/g)?.length, 1, message);
  }
});

const others = [
  ["error: writing to file: No space left on device", "infra", 3, /disk is full/],
  [
    "error: cannot add path '/nix/store/0-x' because it lacks a signature by a trusted key",
    "trust",
    4,
    /does not take/,
  ],
  ["error: cannot add path '/nix/store/0-x' because it lacks a valid signature", "trust", 4, /does not take/],
  ["", "infra", 3, /it said nothing/],
  ["something\nunforeseen", "infra", 3, /Nix failed: something\nunforeseen/],
] as const;

for (const [stderr, kind, exitCode, message] of others)
  test(`explains ${JSON.stringify(stderr)}`, () => {
    const error = explainNix(stderr);
    assert.equal([error.kind, error.exitCode], [kind, exitCode]);
    assert.match(error.message, message);
    assert.ok(error.hint);
  });

test.run();
