// needs: nix
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("init");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());

test("what it writes runs, and it says what it assumed", async ({ rig }) => {
  rig.write({ Makefile: "check:\n\tcp Makefile copy\n", "flake.nix": "{ outputs = { self }: { }; }" });
  execFileSync("git", ["-C", rig.dir, "add", "flake.nix"]);
  assert.is((await rig.pikaci("init", "--json")).code, 0);
  const { code, stdout, stderr } = await rig.pikaci("init");
  assert.equal([code, stdout], [0, "pikaci.config.json\n"]);
  assert.match(stderr, "assumed:\n  Makefile: `make check`");
  assert.match(stderr, "flake.nix: it has no checks");
  assert.is((await rig.pikaci("run", "-q")).code, 0);
  const again = await rig.pikaci("init");
  assert.is(again.code, 2);
  assert.match(again.stderr, /there is a configuration already: .*\nhint: `pikaci plan`/);
  const written = JSON.parse(readFileSync(join(rig.dir, "pikaci.config.json"), "utf8"));
  assert.equal(written, JSON.parse((await rig.pikaci("init", "--json")).stdout));
});

test("a flake's checks are asked of Nix", async ({ rig }) => {
  rig.write({ "flake.nix": `{ outputs = { self }: { checks.x86_64-linux = { a = 1; "b c" = 2; }; }; }` });
  execFileSync("git", ["-C", rig.dir, "add", "flake.nix"]);
  const { stderr } = await rig.pikaci("init");
  assert.match(stderr, "a job for each check of x86_64-linux");
  assert.match(stderr, "checks whose names are no names for jobs are left out");
  const { jobs } = JSON.parse(readFileSync(join(rig.dir, "pikaci.config.json"), "utf8"));
  assert.equal(Object.keys(jobs), ["check-a"]);
});

test.run();
