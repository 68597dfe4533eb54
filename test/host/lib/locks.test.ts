import { spawnSync } from "node:child_process";
import { mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eventually } from "../../lab/rig.ts";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";
import { type Called, callHost, SHELLS } from "../call.ts";

const test = suite("host lib: locks");
test.after(removeWorkspaces);

function makeWorkDir(): string {
  const dir = makeDirectory();
  for (const name of ["locks", "tmp"]) mkdirSync(join(dir, name));
  return dir;
}

for (const shell of SHELLS) {
  const run = (workDir: string, text: string): Called =>
    callHost(shell, ["lib/locks"], ["main"], {
      params: { work_dir: workDir },
      before: `main() { ${text}; }`,
    });

  test(`${shell}: a lock is held until its descriptor is closed`, () => {
    const dir = makeWorkDir();
    const held = `if is_free '${dir}/locks/run-x'; then echo free; else echo held; fi`;
    const { stdout } = run(dir, `take_lock "$fd_run" run-x -s; ${held}; close_fd "$fd_run"; ${held}`);
    assert.is(stdout, "held\nfree\n");
  });

  test(`${shell}: one that another has is told by flock's status`, () => {
    const dir = makeWorkDir();
    const { stdout } = run(
      dir,
      `take_lock "$fd_run" a; take_lock "$fd_thing" a -n || echo taken; take_lock "$fd_base" a -s -w 0.05 || echo late`,
    );
    assert.is(stdout, "taken\nlate\n");
  });

  test(`${shell}: what has no lock of this program outlives it without one`, async () => {
    const dir = makeWorkDir();
    const { stdout } = run(
      dir,
      `take_lock "$fd_run" a; take_lock "$fd_thing" b
      unlocked exec sleep 20 >/dev/null 2>&1 & echo "$!"
      without "$fd_thing" exec sleep 20 >/dev/null 2>&1 & echo "$!"`,
    );
    const pids = stdout.trim().split("\n").map(Number);
    const free = (name: string) => spawnSync("flock", ["-n", join(dir, "locks", name), "true"]).status === 0;
    assert.equal([free("a"), free("b")], [false, true]);
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await eventually("the lock is free", 5, () => free("a") || null);
  });

  test(`${shell}: a lock that cannot be made ends the program as a matter of the disk`, () => {
    const dir = makeWorkDir();
    writeFileSync(join(dir, "file"), "");
    const { status, stdout, stderr } = run(dir, 'take_lock "$fd_run" ../file/x; echo went on');
    assert.is(status, 1);
    assert.match(stdout, /^error \d+\ndisk\ncannot write in \S+\/locks$/);
    assert.is(stderr, "");
  });

  test(`${shell}: use_thing marks the time`, () => {
    const dir = makeWorkDir();
    const file = join(dir, "locks/use-x");
    writeFileSync(file, "");
    utimesSync(file, 1, 1);
    assert.is(run(dir, "use_thing x").status, 0);
    assert.ok(statSync(file).mtimeMs > 1e12);
  });

  test(`${shell}: a staging directory is locked, and a full or missing tmp is named`, () => {
    const dir = makeWorkDir();
    const { stdout } = run(dir, 'make_staging it; echo "$staged"; is_free "$staged" || echo held');
    assert.match(stdout, new RegExp(`^${dir}/tmp/it\\.\\w{8}\nheld\n$`));
    const none = makeDirectory();
    assert.match(run(none, "make_staging it").stdout, /^error \d+\ndisk\ncannot write in \S+\/tmp: mktemp: /);
  });
}

test.run();
