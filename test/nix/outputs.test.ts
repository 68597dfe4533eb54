import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bytePath } from "../../src/core/byte-path.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { parseContentHash, parseStorePath } from "../../src/core/ids.ts";
import { NO_SOURCE } from "../../src/core/no-source.ts";
import type { PrepareSpec } from "../../src/core/prepared.ts";
import type { HashedEntry, HashedSnapshot } from "../../src/core/snapshot.ts";
import * as outputs from "../../src/nix/outputs.ts";

const installable = (text: string): PrepareSpec => ({ kind: "installable", installable: text });
const path = (text: string): PrepareSpec => ({ kind: "path", path: text });

test("what jobs share is wanted once, under its first name", () => {
  const jobs = [
    { prepare: { tools: installable("#tools"), modules: path("node_modules") } },
    { prepare: { other: installable("./#tools"), tools: installable("sub#tools") } },
    { prepare: { modules: path("node_modules") } },
  ];
  assert.equal(
    outputs.wantedOutputs(jobs).map(({ name, spec }) => [name, outputs.prepareKey(spec)]),
    [
      ["tools", "installable .#tools"],
      ["modules", "path node_modules"],
      ["tools", "installable sub#tools"],
    ],
  );
});

test("different fields never encode alike", async () => {
  await fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      assert.is(outputs.encodeFields(a).equals(outputs.encodeFields(b)), same);
    }),
  );
  assert.not.ok(outputs.encodeFields(["ab", "c"]).equals(outputs.encodeFields(["a", "bc"])));
});

const identity = {
  kind: "installable",
  sourceHash: parseContentHash("a".repeat(64)),
  installable: { dir: "", attr: "tools" },
  system: "x86_64-linux",
  nixVersion: "2.8.0",
} as const;

test("every part of an identity changes the key", () => {
  const changed = [
    { ...identity, sourceHash: parseContentHash("b".repeat(64)) },
    { ...identity, installable: { dir: "sub", attr: "tools" } },
    { ...identity, installable: { dir: "", attr: "other" } },
    { ...identity, system: "aarch64-linux" },
    { ...identity, nixVersion: "2.34.8" },
    { kind: "path", storePath: parseStorePath(`/nix/store/${"0".repeat(32)}-x`) } as const,
  ];
  const encoded = [identity, ...changed].map((one) =>
    outputs.encodeFields(outputs.identityFields(one)).toString(),
  );
  assert.is(new Set(encoded).size, encoded.length);
});

test("a line for the host has five words, the last one JSON on the same line", () => {
  const line = outputs.wantedLine("k", { ...identity, installable: { dir: "a/b", attr: "x" } }, "now");
  const [, key, kind, place, attr, head] = /^(\S+) (\S+) (\S+) (\S+) (\{.*\})$/.exec(line) ?? [];
  assert.equal([key, kind, place, attr], ["k", "flake", "a/b", "x"]);
  assert.equal(JSON.parse(head ?? ""), {
    schema_version: 1,
    key: "k",
    created_at: "now",
    source_hash: "a".repeat(64),
    installable: "a/b#x",
    system: "x86_64-linux",
    nix_version: "2.8.0",
  });
  const storePath = parseStorePath(`/nix/store/${"0".repeat(32)}-x`);
  assert.match(outputs.wantedLine("k", { kind: "path", storePath }, "now"), `k path ${storePath} - {`);
  const tree = `directory:${"a".repeat(64)}`;
  assert.match(
    outputs.wantedLine("k", { kind: "path", storePath, tree }, "now"),
    `k path ${storePath} ${tree} {`,
  );
});

for (const [version, style] of [
  ["2.8.0", "path"],
  ["2.18.9", "path"],
  ["2.25.5", "path"],
  ["2.26.3", "query"],
  ["2.34.8pre20250101_abc", "query"],
  ["3.0", "query"],
] as const)
  test(`Nix ${version} names nested flakes by ${style}`, () => {
    assert.is(outputs.subdirStyle(version), style);
  });

function tree(...paths: string[]): HashedSnapshot {
  const entries = paths.map((name): HashedEntry => {
    return { path: bytePath(Buffer.from(name)), type: "file", size: 0, stat: "", digest: "" };
  });
  const source = NO_SOURCE;
  const snapshot = { workspace: "/w", source, entries, leftOut: [] };
  const contentHash = parseContentHash("a".repeat(64));
  return {
    snapshot,
    entries,
    contentHash,
    manifest: Buffer.alloc(0),
    fileCount: 0,
    byteCount: 0,
    filesRead: 0,
  };
}

test("a flake.nix that is missing or not selected is named, with the way out", () => {
  const whole = tree("flake.nix", "sub/flake.nix");
  outputs.checkFlakeFile({ dir: "sub", attr: "x" }, whole, whole);
  const fails = (dir: string, selected: HashedSnapshot, message: RegExp, hint: RegExp) =>
    assert.throws(
      () => outputs.checkFlakeFile({ dir, attr: "x" }, whole, selected),
      (error: unknown) =>
        error instanceof ConfigError && message.test(error.message) && hint.test(error.hint ?? ""),
    );
  fails("sub", tree("flake.nix"), /does not select sub\/flake\.nix/, /add "sub\/flake\.nix".*`flake\.files`/);
  fails("other", whole, /other\/flake\.nix, which is not in the snapshot/, /git add other\/flake\.nix/);
});

test.run();
