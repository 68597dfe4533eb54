import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { callHost, SHELLS } from "./call.ts";

test.after(removeWorkspaces);

for (const shell of SHELLS)
  test(`${shell}: programs of an account's own profiles are found, behind those of its PATH`, () => {
    const home = makeDirectory();
    for (const profile of [".nix-profile", ".local/state/nix/profile"]) {
      const program = join(home, profile, "bin/nix-of-this-test");
      mkdirSync(join(home, profile, "bin"), { recursive: true });
      writeFileSync(program, "#!/bin/sh\n");
      chmodSync(program, 0o755);
      const found = callHost(shell, [], ["command", "-v", "nix-of-this-test"], { cwd: home });
      assert.is(found.stdout.trim(), program);
      rmSync(join(home, profile), { recursive: true });
    }
    const path = callHost(shell, [], ["printenv", "PATH"], { params: { USER: "ci" } }).stdout;
    assert.ok(path.startsWith(`${process.env.PATH}:`));
    for (const place of [
      "/etc/profiles/per-user/ci/bin",
      "/run/current-system/sw/bin",
      "/nix/var/nix/profiles/default/bin",
    ])
      assert.ok(path.trim().split(":").includes(place), path);
  });

for (const shell of SHELLS)
  test(`${shell}: without a home no program runs, and none makes its directory where it happens to be`, () => {
    for (const home of ["", "rel", "./rel"]) {
      const cwd = makeDirectory();
      const { status, stdout } = callHost(shell, [], ["mkdir", "-p", "rel"], { cwd, params: { HOME: home } });
      assert.is(status, 1);
      assert.match(
        stdout,
        `host\nthis account has no home: HOME is "${home}"\nhint: set HOME to the account's home`,
      );
      assert.equal(readdirSync(cwd), []);
    }
    const unset = callHost(shell, [], ["true"], { under: ["env", "-u", "HOME"] });
    assert.match(unset.stdout, 'this account has no home: HOME is ""');
    assert.is(unset.stderr, "");
  });

test.run();
