import { test } from "uvu";
import * as assert from "uvu/assert";
import { ConfigError } from "../../src/core/errors.ts";
import { formatInstallable, parseInstallable } from "../../src/nix/installable.ts";

const good = [
  ["#tools", "", "tools"],
  [".#tools", "", "tools"],
  ["./#tools", "", "tools"],
  ["nix/ci#tools", "nix/ci", "tools"],
  ["./nix//ci/#packages.x86_64-linux.tools", "nix/ci", "packages.x86_64-linux.tools"],
  ['-x/.hidden#a."b.c"^out', "-x/.hidden", 'a."b.c"^out'],
] as const;

for (const [text, dir, attr] of good)
  test(`${text} is an installable`, () => {
    assert.equal(parseInstallable(text), { dir, attr });
    assert.equal(parseInstallable(formatInstallable({ dir, attr })), { dir, attr });
  });

const bad = [
  ["tools", /`#` before the attribute is missing/],
  ["", /`#` before the attribute is missing/],
  [".#", /attribute after `#` is missing/],
  ["github:NixOS/nixpkgs#hello", /only flakes of the workspace/],
  ["path:.#hello", /only flakes of the workspace/],
  ["/etc/nixos#hello", /relative to the workspace/],
  ["../other#hello", /may not leave/],
  ["a/../..#hello", /may not leave/],
  ["a b#hello", /letters, digits/],
  ["a?dir=b#hello", /letters, digits/],
  ["a%2e#hello", /letters, digits/],
  [".#a b", /misread/],
  [".#a%20b", /misread/],
  [".#$(id)", /misread/],
  [".#a\nb", /misread/],
  [".#a#b", /misread/],
] as const;

for (const [text, message] of bad)
  test(`${JSON.stringify(text)} is refused with a hint`, () => {
    assert.throws(
      () => parseInstallable(text),
      (error: unknown) =>
        error instanceof ConfigError &&
        message.test(error.message) &&
        error.exitCode === 2 &&
        /write `\[dir\]#attribute`/.test(error.hint ?? ""),
    );
  });

test.run();
