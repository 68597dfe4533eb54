import { test } from "uvu";
import * as assert from "uvu/assert";
import { ConfigError } from "../../src/core/errors.ts";
import { EMPTY_LOCK, type FlakeLock, parseFlakeLock } from "../../src/core/flake-lock.ts";
import { completeLock, lockedInputs, pinInputs } from "../../src/nix/flake-lock.ts";

const locked = (rev: string) => ({ locked: { type: "github", rev }, original: { type: "github" } });

/** Node names differ from input names, as they do in real locks. */
function lockOf(nodes: FlakeLock["nodes"]): FlakeLock {
  return parseFlakeLock(JSON.stringify({ nodes, root: "root", version: 7 }));
}

const cases: readonly (readonly [string, FlakeLock["nodes"], readonly string[], FlakeLock["nodes"]])[] = [
  ["nothing asked for", { root: { inputs: { a: "a" } }, a: locked("1") }, [], { root: {} }],
  [
    "only what is reached, nodes named after inputs",
    { root: { inputs: { a: "a_2", b: "b" } }, a_2: locked("1"), b: locked("2") },
    ["a"],
    { root: { inputs: { a: "a" } }, a: locked("1") },
  ],
  [
    "a nested input that follows one of the root",
    {
      root: { inputs: { pkgs: "pkgs_3", vm: "vm" } },
      pkgs_3: locked("1"),
      vm: { ...locked("2"), inputs: { nixpkgs: ["pkgs"] } },
    },
    ["vm"],
    {
      root: { inputs: { vm: "vm" } },
      vm: { ...locked("2"), inputs: { nixpkgs: "nixpkgs" } },
      nixpkgs: locked("1"),
    },
  ],
  [
    "follows that lead through other follows",
    {
      root: { inputs: { vm: "vm", pkgs: ["deep", "x"], deep: "deep" } },
      vm: { ...locked("1"), inputs: { nixpkgs: ["pkgs"] } },
      deep: { ...locked("2"), inputs: { x: ["deep", "y"], y: "y_9" } },
      y_9: locked("3"),
    },
    ["vm", "pkgs"],
    {
      root: { inputs: { vm: "vm", pkgs: "pkgs" } },
      vm: { ...locked("1"), inputs: { nixpkgs: "nixpkgs" } },
      nixpkgs: locked("3"),
      pkgs: locked("3"),
    },
  ],
  [
    "follows that lead back to a flake above, from one and from two levels",
    {
      root: { inputs: { x: "deep_2", vm: ["x", "vm"] } },
      deep_2: { ...locked("1"), inputs: { vm: "vm_4" } },
      vm_4: { ...locked("2"), inputs: { parent: ["x", "vm"], tool: "tool" } },
      tool: { ...locked("3"), inputs: { self: ["x", "vm"], whole: ["x"], tools: ["x", "vm", "tool"] } },
    },
    ["x", "vm"],
    {
      root: { inputs: { x: "x", vm: "vm" } },
      vm: { ...locked("2"), inputs: { parent: ["vm"], tool: "tool" } },
      tool: { ...locked("3"), inputs: { self: ["vm"], whole: "whole", tools: ["vm", "tool"] } },
      whole: { ...locked("1"), inputs: { vm: ["vm"] } },
      x: { ...locked("1"), inputs: { vm: "vm_2" } },
      vm_2: { ...locked("2"), inputs: { parent: ["x", "vm"], tool: "tool_2" } },
      tool_2: { ...locked("3"), inputs: { self: ["x", "vm"], whole: ["x"], tools: ["x", "vm", "tool"] } },
    },
  ],
  [
    "a path inside the source of an input, as Nix 2.26 and later lock it",
    {
      root: { inputs: { vm: "dep" } },
      dep: { ...locked("1"), inputs: { sub: "sub" } },
      sub: { locked: { type: "path", path: "./sub" }, inputs: { deeper: "deeper" }, parent: ["vm"] },
      deeper: { locked: { type: "path", path: "./x" }, parent: ["vm", "sub"] },
    },
    ["vm"],
    {
      root: { inputs: { vm: "vm" } },
      vm: { ...locked("1"), inputs: { sub: "sub" } },
      sub: { locked: { type: "path", path: "./sub" }, inputs: { deeper: "deeper" }, parent: ["vm"] },
      deeper: { locked: { type: "path", path: "./x" }, parent: ["vm", "sub"] },
    },
  ],
  [
    "such a path below another name than the project's",
    {
      root: { inputs: { all: "all", vm: ["all", "dep"] } },
      all: { ...locked("2"), inputs: { dep: "dep" } },
      dep: { ...locked("1"), inputs: { sub: "sub" } },
      sub: { locked: { type: "path", path: "./sub" }, parent: ["all", "dep"] },
    },
    ["vm"],
    {
      root: { inputs: { vm: "vm" } },
      vm: { ...locked("1"), inputs: { sub: "sub" } },
      sub: { locked: { type: "path", path: "./sub" }, parent: ["vm"] },
    },
  ],
  [
    "two nodes that wish for one name",
    {
      root: { inputs: { a: "a", b: "b" } },
      a: { ...locked("1"), inputs: { nixpkgs: "n1" } },
      b: { ...locked("2"), inputs: { nixpkgs: "n2" } },
      n1: locked("3"),
      n2: locked("4"),
    },
    ["a", "b"],
    {
      root: { inputs: { a: "a", b: "b" } },
      a: { ...locked("1"), inputs: { nixpkgs: "nixpkgs" } },
      b: { ...locked("2"), inputs: { nixpkgs: "nixpkgs_2" } },
      nixpkgs: locked("3"),
      nixpkgs_2: locked("4"),
    },
  ],
  [
    "an input that is left out stays so",
    { root: { inputs: { vm: "vm" } }, vm: { ...locked("1"), inputs: { spectrum: [] } } },
    ["vm"],
    { root: { inputs: { vm: "vm" } }, vm: { ...locked("1"), inputs: { spectrum: [] } } },
  ],
  [
    "a project's input called root",
    { root: { inputs: { root: "r" } }, r: locked("1") },
    ["root"],
    { root: { inputs: { root: "root_2" } }, root_2: locked("1") },
  ],
];

for (const [name, nodes, names, expected] of cases)
  test(name, () => {
    assert.equal(pinInputs(lockOf(nodes), names), { nodes: expected, root: "root", version: 7 });
  });

const refused: readonly (readonly [string, FlakeLock["nodes"], RegExp])[] = [
  ["an input that is not there", { root: {} }, /no input `a`/],
  [
    "a follows that leads nowhere",
    { root: { inputs: { a: ["b", "c"], b: "b" } }, b: locked("1") },
    /no input `b\/c`/,
  ],
  ["a follows of itself", { root: { inputs: { a: ["b"], b: ["a"] } } }, /follows itself/],
  [
    "a node that is an input of itself",
    { root: { inputs: { a: "a" } }, a: { ...locked("1"), inputs: { b: "a" } } },
    /`a` is an input of itself/,
  ],
  ["a node that is missing", { root: { inputs: { a: "gone" } } }, /node `gone` is missing/],
  [
    "a path input, also a deep one",
    {
      root: { inputs: { a: "a" } },
      a: { ...locked("1"), inputs: { b: "b" } },
      b: { locked: { type: "path" } },
    },
    /path input `b`/,
  ],
  [
    "a path inside the project's own source",
    { root: { inputs: { a: "a" } }, a: { locked: { type: "path", path: "./own" }, parent: [] } },
    /path input `a`/,
  ],
  [
    "an absolute path, though it names an input above it as its parent",
    {
      root: { inputs: { a: "a" } },
      a: { ...locked("1"), inputs: { b: "b" } },
      b: { locked: { type: "path", path: "/root/b" }, parent: ["a"] },
    },
    /path input `b`/,
  ],
  [
    "a path whose parent is not above it in the new lock",
    {
      root: { inputs: { a: "a", dep: "dep" } },
      dep: { ...locked("1"), inputs: { sub: "sub" } },
      sub: { locked: { type: "path", path: "./sub" }, parent: ["dep"] },
      a: { ...locked("2"), inputs: { b: ["dep", "sub"] } },
    },
    /path input `sub`/,
  ],
];

for (const [name, nodes, message] of refused)
  test(`refuses ${name}`, () => {
    assert.throws(
      () => pinInputs(lockOf(nodes), ["a"]),
      (error: unknown) =>
        error instanceof ConfigError && message.test(error.message) && error.hint !== undefined,
    );
  });

test("a lock whose inputs multiply is refused before they fill the memory", () => {
  const levels = Array.from({ length: 60 }, (_, n) => [
    n === 0 ? "a" : `n${n}`,
    { ...locked(String(n)), inputs: { left: `n${n + 1}`, right: `n${n + 1}` } },
  ]);
  const nodes = { root: { inputs: { a: "a" } }, ...Object.fromEntries(levels), n60: locked("last") };
  assert.throws(
    () => pinInputs(lockOf(nodes), ["a"]),
    (error: unknown) => error instanceof ConfigError && /more than 5000 inputs/.test(error.message),
  );
});

const own = lockOf({
  root: { inputs: { pkgs: "n", vm: "v" } },
  n: locked("own pkgs"),
  v: { ...locked("own vm"), inputs: { pkgs: ["pkgs"], deep: "d" } },
  d: locked("own deep"),
});
const completed: readonly (readonly [string, FlakeLock["nodes"], FlakeLock["nodes"]])[] = [
  [
    "an input that the project lacks follows the project's",
    { root: { inputs: { pkgs: "n" } }, n: locked("mine") },
    {
      root: { inputs: { pkgs: "pkgs", vm: "vm" } },
      pkgs: locked("mine"),
      vm: { ...locked("own vm"), inputs: { pkgs: "pkgs_2", deep: "deep" } },
      pkgs_2: locked("mine"),
      deep: locked("own deep"),
    },
  ],
  [
    "the project's own stay as they are",
    {
      root: { inputs: { pkgs: "n", vm: "v" } },
      n: locked("mine"),
      v: { ...locked("my vm"), inputs: { pkgs: "m" } },
      m: locked("its own"),
    },
    {
      root: { inputs: { pkgs: "pkgs", vm: "vm" } },
      pkgs: locked("mine"),
      vm: { ...locked("my vm"), inputs: { pkgs: "pkgs_2" } },
      pkgs_2: locked("its own"),
    },
  ],
  ["a project without inputs has pikaci's", { root: {} }, pinInputs(own, ["pkgs", "vm"]).nodes],
];

for (const [name, nodes, expected] of completed)
  test(`completed from another lock: ${name}`, () => {
    const names = ["pkgs", "vm"];
    assert.equal(pinInputs(completeLock(lockOf(nodes), names, own), names).nodes, expected);
  });

test("what a flake's inputs have to say for its lock to be taken", () => {
  const lock = lockOf({
    root: { inputs: { vm: "vm" } },
    vm: { ...locked("1"), inputs: { spectrum: [], deep: "deep" } },
    deep: { ...locked("2"), inputs: { out: [] } },
  });
  assert.equal(lockedInputs(lock), {
    refs: { vm: { type: "github" } },
    leftOut: [
      ["vm", "spectrum"],
      ["vm", "deep", "out"],
    ],
  });
  assert.throws(
    () => lockedInputs(lockOf({ root: { inputs: { vm: "vm" } }, vm: {} })),
    (error: unknown) => error instanceof ConfigError && /`vm` does not say/.test(error.message),
  );
});

test("refuses what is no lock of version 7", () => {
  for (const text of ["", "{}", '{"nodes":{},"root":"root","version":5}'])
    assert.throws(
      () => parseFlakeLock(text),
      (error: unknown) => error instanceof ConfigError && /nix flake lock/.test(error.hint ?? ""),
    );
});

test("the lock of no inputs is what Nix writes for none", () => {
  assert.equal(pinInputs(EMPTY_LOCK, []), EMPTY_LOCK);
});

test.run();
