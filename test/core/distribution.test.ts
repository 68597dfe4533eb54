import { test } from "uvu";
import * as assert from "uvu/assert";
import { distributionOf, installNix } from "../../src/core/distribution.ts";

const systems = [
  ["ID=debian\n", "debian", "apt-get install nix-bin"],
  ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', "debian", "apt-get"],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', "debian", "apt-get"],
  ["ID=nixos\nID_LIKE=''\n", "nixos", "nix.enable"],
  ["ID='nixos'\n", "nixos", "nix.enable"],
  ['ID="fedora"\n', "other", "nixos.org/download"],
  ["PRETTY_NAME='debian'\nVERSION_ID=debian\n", "other", "nixos.org/download"],
  ["", "other", "nixos.org/download"],
] as const;

for (const [text, distribution, hint] of systems)
  test(`${JSON.stringify(text)} is ${distribution}`, () => {
    assert.is(distributionOf(text), distribution);
    assert.match(installNix(distribution), hint);
  });

test.run();
