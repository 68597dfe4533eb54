import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("run --dry-run");
test.before((context) => {
  context.rig = openRig({});
  context.rig.configure({ jobs: { a: { command: "true", prepare: { tools: "#tools" } } } });
});
test.after(({ rig }) => rig.remove());

test("shows the plan with Nix's words, and leaves no trace", async ({ rig }) => {
  const words = ["--max-jobs", "3", "--", "--rebuild"];
  const dry = await rig.pikaci("run", "--dry-run", ...words);
  assert.is(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, "--max-jobs 3 --rebuild 'path:SNAPSHOT#tools'");
  assert.is(dry.stdout, (await rig.pikaci("plan", ...words)).stdout);
  assert.not.ok(existsSync(join(rig.dir, ".pikaci")));
});

test("it has no events to write: exit 2", async ({ rig }) => {
  for (const other of [
    ["--events", "x"],
    ["--junit", "x"],
  ]) {
    const { code, stderr } = await rig.pikaci("run", "--dry-run", ...other);
    assert.is(code, 2, other.join(" "));
    assert.match(stderr, "mutually exclusive");
  }
});

test.run();
