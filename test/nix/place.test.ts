// needs: nix
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { startNix } from "../../src/nix/client.ts";
import { pathWithNix } from "../../src/nix/place.ts";
import { failure } from "../stage-rig.ts";

const shared = "/run/current-system/sw/bin:/nix/var/nix/profiles/default/bin";
const paths = [
  [
    { PATH: "/bin", HOME: "/home/a", USER: "a" },
    `/bin:/home/a/.local/state/nix/profile/bin:/home/a/.nix-profile/bin:/etc/profiles/per-user/a/bin:${shared}`,
  ],
  [{ PATH: "/bin", HOME: "relative", USER: "a/b" }, `/bin:${shared}`],
  [{ USER: "a" }, `/etc/profiles/per-user/a/bin:${shared}`],
] as const;

for (const [env, path] of paths)
  test(`PATH of ${JSON.stringify(env)}`, () => assert.is(pathWithNix(env), path));

test("Nix of an account's profile is found; where there is none, the hint fits the system", async () => {
  const home = mkdtempSync(join(tmpdir(), "pikaci-home-"));
  try {
    const context = {
      env: { PATH: "/nonexistent", HOME: home, USER: "nobody-here" },
      signal: new AbortController().signal,
    };
    const error = await failure(startNix(["nix-of-nobody", "--version"], context));
    assert.is(error.exitCode, 3);
    assert.match(error.hint ?? "", /^(install Nix|let NixOS)/);
    for (const profile of [".nix-profile", ".local/state/nix/profile"]) {
      mkdirSync(join(home, profile, "bin"), { recursive: true });
      symlinkSync("/usr/bin/nix", join(home, profile, "bin/nix"));
      const found = await startNix(["nix", "--version"], context);
      assert.match(found.stdout.toString("utf8"), /^nix \(Nix\)/);
      rmSync(join(home, profile), { recursive: true });
    }
  } finally {
    rmSync(home, { recursive: true });
  }
});

test.run();
