// needs: nix
// time-limit: 120
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig } from "../lab/rig.ts";

const test = suite("runs in CI");

test("GitHub: an annotation names the file from the repository's root", async () => {
  const rig = openRig({ GITHUB_ACTIONS: "true" });
  const below = join(rig.dir, "packages/app");
  const work = join(rig.dir, ".pikaci/work");
  const jobs = {
    cc: { command: "echo 'a.c:3:1: warning: unused'; echo '../b.c:4:1: error: bad'; exit 1", cwd: "src" },
  };
  rig.write({
    "packages/app/src/a.c": "",
    "packages/app/pikaci.config.json": JSON.stringify({
      hosts: { local: { url: "local", workDir: work } },
      jobs,
    }),
  });
  try {
    const there = await rig.pikaci("run", "-C", below);
    assert.is(there.code, 1, there.stderr);
    assert.match(there.stderr, "\n::error file=packages/app/b.c,line=4,title=cc::error: bad\n");
    assert.match(there.stderr, "\n::warning file=packages/app/src/a.c,line=3,title=cc::warning: unused\n");
  } finally {
    rig.remove();
  }
});

test.run();
