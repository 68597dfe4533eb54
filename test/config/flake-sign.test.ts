import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isFlakeConfig } from "../../src/config/flake-sign.ts";

const test = suite("the sign of a flake's configuration");

const configurations: Readonly<Record<string, string>> = {
  "an output": "{ outputs = { self }: { pikaci = { }; }; }",
  "one of its attributes": `{ outputs = { self }: { pikaci.jobs.a.command = "x"; }; }`,
  "a quoted name": `{ outputs = _: { "pikaci" = { }; }; }`,
  "by its path": "{ outputs.pikaci = 1; }",
  "after let": "{ outputs = inputs: let a = { b = 1; }; in { inherit a; pikaci = a; }; }",
  "after with and assert": "{ outputs = { self }: with self; assert true; { pikaci = { }; }; }",
  "in a recursive set": "{ outputs = { self }@inputs: rec { pikaci = { }; }; }",
  "merged with another set":
    "{ outputs = { self }: (each [ 1 ] (s: { packages.pikaci = s; })) // { pikaci = { }; }; }",
  "in brackets": "{ outputs = { self }: ({ pikaci = { }; }); }",
  "after other outputs": `{ outputs = _: { a = "''"; b = '' ''\${ "} ''; c = "\${"}"}"; pikaci = { }; }; }`,
  "flake-parts' own attribute":
    "{ outputs = i: i.parts.lib.mkFlake { inputs = i; } { flake.pikaci = { }; }; }",
  "flake-parts' own set": "{ outputs = i: mkFlake { } ({ lib, ... }: { flake = { pikaci = { }; }; }); }",
  "the module": "{ outputs = i: mkFlake { } { imports = [ ./ci.nix i.pikaci.flakeModules.default ]; }; }",
  "the template with a plain output": readFileSync("nix/templates/default/flake.nix", "utf8"),
  "the template with the module": readFileSync("nix/templates/ci/flake.nix", "utf8"),
};
for (const [name, text] of Object.entries(configurations))
  test(`is one: ${name}`, () => assert.is(isFlakeConfig(text), true));

const others: Readonly<Record<string, string>> = {
  "no such word": "{ outputs = { self }: { }; }",
  "a comment": "{ outputs = { self }: { # pikaci = { };\n /* pikaci = { }; */ }; }",
  "a string": `{ outputs = { self }: { a = "pikaci = { };"; b = '' pikaci = { }; ''; }; }`,
  "an interpolation": `{ outputs = { self }: { a = "\${{ pikaci = { }; }.pikaci}"; }; }`,
  "an input": `{ inputs.pikaci.url = "x"; outputs = { self, pikaci }: { }; }`,
  "a set of inputs": `{ inputs = { pikaci = { url = "x"; }; }; outputs = i: { }; }`,
  "a package": "{ outputs = { self }: { packages.x86_64-linux.pikaci = 1; }; }",
  "a set of packages": "{ outputs = { self }: { packages.x86_64-linux = { pikaci = 1; }; }; }",
  "an overlay": "{ outputs = { self }: { overlays.default = final: prev: { pikaci = 1; }; }; }",
  "a local name": "{ outputs = { self }: let pikaci = { a = 1; }; pikaci.b = 2; in { packages = pikaci; }; }",
  "a local name of a local set": "{ outputs = { self }: let x = { pikaci = 1; }; in { }; }",
  "an argument": "{ outputs = i: import ./outputs.nix { pikaci = i.pikaci; }; }",
  "what is made for each system": "{ outputs = i: i.utils.each (system: { pikaci = 1; }); }",
  "an element of a list": "{ outputs = i: merge [ { pikaci = 1; } ]; }",
  "a default of an argument": "{ outputs = { self, pikaci ? self }: { }; }",
  "a comparison": "{ outputs = { self }: { a = pikaci == 1; }; }",
  "a path": "{ outputs = { self }: import ./pikaci; }",
  "a description": `{ description = "pikaci"; outputs = _: { apps.pikaci = { }; }; }`,
  "an attribute of per-system outputs":
    "{ outputs = i: mkFlake { } { perSystem = _: { packages.pikaci = 1; }; }; }",
  "this repository's flake": readFileSync("flake.nix", "utf8"),
};
for (const [name, text] of Object.entries(others))
  test(`is none: ${name}`, () => assert.is(isFlakeConfig(text), false));

test("what is no Nix, or ends too early, is none, however deep it is", () => {
  const deep = `pikaci ${'"${'.repeat(20_000)}`;
  const braces = `pikaci ${"{ a = ".repeat(20_000)}`;
  for (const text of [
    "pikaci = {",
    "}}}} pikaci",
    '{ outputs = _: { a = "pikaci',
    "''",
    "pikaci \\",
    deep,
    braces,
  ])
    assert.is(isFlakeConfig(text), false, text.slice(0, 40));
});

test.run();
