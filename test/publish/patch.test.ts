import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CopyList, encodePatch } from "../../src/publish/patch.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("patch");
test.after(removeWorkspaces);

const LIBRARY = fileURLToPath(new URL("../../src/host/tree.sh", import.meta.url));

/** As a host does it: with `patch_file` of the host's library. */
function apply(before: Buffer, patch: Buffer): Buffer {
  const file = join(makeDirectory(), "before");
  writeFileSync(file, before);
  return execFileSync("sh", ["-c", '. "$1"; patch_file "$2"', "sh", LIBRARY, file], { input: patch });
}

/** Pieces of bytes, each kept, removed or new. */
const pieces = fc.array(
  fc.record({
    fate: fc.constantFrom("kept", "removed", "new"),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 700 }),
  }),
  { maxLength: 12 },
);

test("gives the second file from the first, whatever bytes they hold", () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 0, max: 4 }), (list, limit) => {
      const copies = new CopyList();
      const [before, after] = [[] as Buffer[], [] as Buffer[]];
      let [left, right] = [0, 0];
      for (const { fate, bytes } of list) {
        if (fate === "kept") copies.add(left, right, bytes.length);
        if (fate !== "new") left += before.push(Buffer.from(bytes)) > 0 ? bytes.length : 0;
        if (fate !== "removed") right += after.push(Buffer.from(bytes)) > 0 ? bytes.length : 0;
      }
      const wanted = Buffer.concat(after);
      assert.ok(apply(Buffer.concat(before), encodePatch(copies.longest(limit), wanted)).equals(wanted));
    }),
    { numRuns: 30 },
  );
});

test("adjacent copies are one, short ones are not worth it, and the longest are taken", () => {
  const copies = new CopyList();
  copies.add(0, 0, 300);
  copies.add(300, 300, 300);
  copies.add(600, 700, 10);
  copies.add(700, 800, 900);
  copies.add(2000, 2000, 500);
  assert.equal(copies.longest(), [
    { before: 0, after: 0, length: 600 },
    { before: 700, after: 800, length: 900 },
    { before: 2000, after: 2000, length: 500 },
  ]);
  assert.equal(
    copies.longest(2).map(({ length }) => length),
    [600, 900],
  );
});

test("an unknown action and a first file that is not there are failures", () => {
  assert.throws(() => apply(Buffer.from("x"), Buffer.from("z 1\n")));
  assert.throws(() =>
    execFileSync("sh", ["-c", '. "$1"; patch_file /nonexistent', "sh", LIBRARY], {
      input: "",
      stdio: ["pipe", "pipe", "ignore"],
    }),
  );
  assert.ok(readFileSync(LIBRARY, "utf8").includes("patch_file()"));
});

test.run();
