// needs: nix
import { execFileSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ConfigError } from "../../src/core/errors.ts";
import { nixInputs, nixString } from "../../src/guest/nix-string.ts";

const dollar = "$";
const hostile = [
  "",
  "plain",
  `${dollar}{builtins.abort "no"}`,
  `${dollar}${dollar}{x}`,
  `\\${dollar}{x}`,
  "$",
  `''${dollar}{x}''`,
  "'' \\ ''\\n",
  'a "quoted" word',
  "back\\slash\\",
  "line\nbreak\r\n\ttab",
  "/* no comment */ # none",
  "é ☃ \u{1f600} \u007f\u0001",
  "; } evil = true; {",
];

test("Nix reads exactly what was written", () => {
  const expression = `[ ${hostile.map(nixString).join(" ")} ]`;
  const read = execFileSync("nix-instantiate", ["--eval", "--strict", "--json", "-E", expression]);
  assert.equal(JSON.parse(read.toString()), hostile);
});

test("a NUL byte is refused", () => {
  assert.throws(
    () => nixString("a\0b"),
    (error: unknown) => error instanceof ConfigError && /NUL/.test(error.message),
  );
});

test("inputs are what was asked for as attributes, and those that are left out", () => {
  const refs = {
    nixpkgs: { type: "github", owner: "NixOS", repo: "nixpkgs", ref: "abc" },
    'odd"name': { type: "git", url: `file://${dollar}{x}`, shallow: true, revCount: 7 },
  };
  const leftOut = [
    ["nixpkgs", "deep", "er"],
    ['odd"name', "x"],
  ];
  const read = execFileSync("nix-instantiate", [
    "--eval",
    "--strict",
    "--json",
    "-E",
    `{ ${nixInputs({ refs, leftOut })} }`,
  ]);
  assert.equal(JSON.parse(read.toString()), {
    inputs: {
      nixpkgs: { ...refs.nixpkgs, inputs: { deep: { inputs: { er: { follows: "" } } } } },
      'odd"name': { ...refs['odd"name'], inputs: { x: { follows: "" } } },
    },
  });
  assert.is(nixInputs({ refs: {}, leftOut: [] }), "inputs = { };");
});

test.run();
