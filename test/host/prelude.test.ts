import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

/** A directory whose `sh` is bash, as on many distributions. */
function bashAsSh(): string {
  const directory = makeDirectory();
  symlinkSync("/bin/bash", join(directory, "sh"));
  return directory;
}

const ACCOUNT = {
  "BASH_FUNC_grep%%": "() { echo a function\n}",
  "BASH_FUNC_which%%": "() { echo a function\n}",
  SHELLOPTS: "braceexpand:errexit:noclobber:noglob:pipefail:posix:xtrace",
};
/** What a program and the programs that it starts would notice of these. */
const NOTICED = `noticed() {
  echo x | grep x && sh -c 'echo y | grep y'
  false
  false | true && echo no-pipefail
  echo 1 >file && echo 2 >file && echo f*
  sh -c 'false; echo goes-on'
}`;

for (const shell of [...SHELLS, "sh"] as const)
  test(`${shell === "sh" ? "bash as sh" : shell}: no function and no option of bash that an account exports counts`, () => {
    const params = { ...ACCOUNT, PATH: `${shell === "sh" ? `${bashAsSh()}:` : ""}${process.env.PATH}` };
    const { stdout, stderr } = callHost(shell, [], ["noticed"], { params, before: NOTICED });
    assert.is(stdout, "x\ny\nno-pipefail\nfile\ngoes-on\n");
    assert.not.match(stderr, "noticed");
  });

test.run();
