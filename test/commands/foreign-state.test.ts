// time-limit: 180
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../../src/commands/table.ts";
import { openRig } from "../lab/rig.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

test.after(removeWorkspaces);

const RUN = "20260102T030405Z-0a1b2c3d";

const TYPED = [
  ["run"],
  ["plan"],
  ["snapshot"],
  ["publish"],
  ["copy", "/nix/store/00000000000000000000000000000000-x"],
  ["list"],
  ["status"],
  ["logs"],
  ["report"],
  ["compare", RUN, "latest"],
  ["rerun"],
  ["attach"],
  ["cancel", "latest"],
  ["shell", "unit"],
  ["pin", "latest"],
  ["why", "unit"],
  ["verify", "latest"],
  ["attest", "latest"],
  ["history"],
  ["ui"],
  ["gc"],
  ["doctor"],
  ["watch"],
];

test("every command that reads or writes `.pikaci` says so, and writes nothing through the link", async () => {
  const rig = openRig({});
  const elsewhere = makeDirectory();
  try {
    rig.configure({ jobs: { unit: { command: "true" } } });
    mkdirSync(join(rig.dir, ".pikaci"));
    symlinkSync(elsewhere, join(rig.dir, ".pikaci/runs"));
    const ends = await Promise.all(TYPED.map(async (words) => ({ words, ...(await rig.pikaci(...words)) })));
    for (const { words, code, stderr } of ends) {
      assert.is(code, 5, `${words.join(" ")}: ${stderr}`);
      assert.match(stderr, ".pikaci/runs is a symlink");
    }
    assert.equal(readdirSync(elsewhere), []);
    assert.equal(readdirSync(join(rig.dir, ".pikaci")), ["runs"]);
  } finally {
    rig.remove();
  }
});

test("the commands above are all that there are, but those that need no `.pikaci`", () => {
  const without = ["init", "import", "completion", "render", "verify-attestation"];
  assert.equal(Object.keys(COMMANDS).sort(), [...TYPED.map(([name]) => name), ...without].sort());
});

test.run();
