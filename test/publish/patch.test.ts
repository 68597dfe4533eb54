import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CopyList, encodePatch } from "../../src/publish/patch.ts";
import { type Called, callHost } from "../host/call.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("patch");
test.after(removeWorkspaces);

function patchFile(file: string, patch: Buffer | string): Called {
  return callHost("sh", ["lib/locks", "tree"], ["patch_file", file], { input: patch });
}

/** As a host does it: with `patch_file` of the host's library. */
function apply(before: Buffer, patch: Buffer): Buffer {
  const file = join(makeDirectory(), "before");
  writeFileSync(file, before);
  const { status, output } = patchFile(file, patch);
  if (status !== 0) throw new Error(`patch_file ended with ${status}`);
  return output;
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
  const { status, stderr } = patchFile(join(makeDirectory(), "none"), "");
  assert.is.not(status, 0);
  assert.not.match(stderr, /patch_file/);
});

test.run();
