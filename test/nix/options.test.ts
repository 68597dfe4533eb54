import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../src/core/errors.ts";
import { parseHostUrl } from "../../src/core/ids.ts";
import {
  buildWords,
  checkOverrides,
  decidingWords,
  evalWords,
  type NixFlags,
  nixOptions,
} from "../../src/nix/options.ts";

const test = suite("Nix options");

/** Flags, the words that decide an output, and those that do not. */
const table: readonly (readonly [NixFlags, string, string])[] = [
  [{}, "", ""],
  [{ option: ["a", "b c", "d", ""] }, "--option|a|b c|--option|d|", ""],
  [{ overrideInput: ["x", "./y"] }, "--override-input|x|/w/y", ""],
  [{ overrideInput: ["x", "..", "y", "path:z"] }, "--override-input|x|/|--override-input|y|path:/w/z", ""],
  [
    { overrideInput: ["x", "github:a/b", "y", "path:/z"] },
    "--override-input|x|github:a/b|--override-input|y|path:/z",
    "",
  ],
  [{ impure: true, acceptFlakeConfig: true }, "--impure|--accept-flake-config", ""],
  [
    { refresh: true, offline: true, keepGoing: true, showTrace: true },
    "",
    "--refresh|--offline|--keep-going|--show-trace",
  ],
  [
    { maxJobs: "0", cores: "2", builders: "ssh://a - - 1 ; ssh://b" },
    "",
    "--max-jobs|0|--cores|2|--builders|ssh://a - - 1 ; ssh://b",
  ],
  [{ impure: false, refresh: false }, "", ""],
];

for (const [flags, deciding, manner] of table)
  test(JSON.stringify(flags), () => {
    const options = nixOptions(flags, "/w");
    assert.is(decidingWords(options).join("|"), deciding);
    assert.is(options.manner.join("|"), manner);
    assert.equal(buildWords(options), [...options.evaluation, ...options.manner]);
  });

test("what stands after -- decides, and is for builds alone", () => {
  const options = nixOptions({ rest: ["--rebuild", "--impure"], offline: true }, "/w");
  assert.equal(decidingWords(options), ["--rebuild", "--impure"]);
  assert.equal(buildWords(options), ["--offline", "--rebuild", "--impure"]);
  assert.equal(evalWords(options), ["--offline"]);
  assert.ok(options.impure);
});

test("a directory of this machine is no input on another one", () => {
  const far = { name: "builder", url: parseHostUrl("ssh://builder") };
  for (const url of ["./y", "/z", "path:z", "git+file:///z"]) {
    const options = nixOptions({ overrideInput: ["nixpkgs", "github:a/b", "x", url] }, "/w");
    checkOverrides(options, { name: "local", url: parseHostUrl("local") });
    try {
      checkOverrides(options, far);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, UsageError);
      assert.match(String(error), /--override-input x: .* is on this machine, and Nix runs on builder/);
    }
  }
  checkOverrides(nixOptions({ overrideInput: ["x", "nixpkgs/nixos-unstable"] }, "/w"), far);
});

test.run();
