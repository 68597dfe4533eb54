import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("commands/untrusted");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());

test("client paths that lead out of a stranger's tree are refused by name, before anything is read", async ({
  rig,
}) => {
  const outside = openRig({});
  outside.write({ "kept/secret": "nobody reads this\n" });
  rig.write({ "deps/a": "1" });
  symlinkSync(join(outside.dir, "kept"), join(rig.dir, "link"));
  const prepare = {
    ...{ absolute: { path: join(outside.dir, "kept") }, link: { path: "link" }, git: { path: ".git" } },
    fine: { path: "deps" },
  };
  rig.configure({ jobs: { x: { command: "true", prepare } } });
  const { code, stderr } = await rig.pikaci("run", "--untrusted");
  assert.is(code, 2, stderr);
  for (const place of ["absolute", "link", "git"])
    assert.match(stderr, `jobs.x.prepare.${place}.path: the client path`);
  assert.not.match(stderr, "prepare.fine");
  assert.is((await rig.pikaci("list")).stdout, "", "nothing began");
  outside.remove();
});

test.run();
