import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeStaging } from "../../src/system/staging.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("directories to make something in");
test.after(removeWorkspaces);

const now = new Date("2026-01-03T00:00:00Z");
const twoDaysAgo = new Date("2026-01-01T00:00:00Z");

test("each is new, also for two at once; its parent is made", () => {
  const parent = join(makeDirectory(), "below");
  const [one, other] = [makeStaging(parent, now), makeStaging(parent, now)];
  assert.is.not(one, other);
  for (const made of [one, other]) {
    assert.is(dirname(made), parent);
    assert.equal(readdirSync(made), []);
  }
});

test("what a killed client left is removed, what is younger or another's is not", () => {
  const parent = makeDirectory();
  for (const name of ["made-old", "made-young", "packs"]) {
    mkdirSync(join(parent, name));
    writeFileSync(join(parent, name, "odd\nname"), "");
  }
  for (const name of ["made-old", "packs"]) utimesSync(join(parent, name), twoDaysAgo, twoDaysAgo);
  utimesSync(join(parent, "made-young"), now, now);
  makeStaging(parent, now);
  assert.equal(
    ["made-old", "made-young", "packs"].map((name) => existsSync(join(parent, name))),
    [false, true, true],
  );
});

test("without a place of its own it lies in the temporary directory", () => {
  const made = makeStaging(null, now);
  assert.is(dirname(made), tmpdir());
  rmSync(made, { recursive: true });
});

test.run();
