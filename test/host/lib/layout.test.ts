import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LAYOUT_VERSION, PUBLISHED_TIME } from "../../../src/core/layout.ts";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";
import { callHost, SHELLS } from "../call.ts";

const test = suite("host lib: layout");
test.after(removeWorkspaces);

const id = "a".repeat(64);
const named = (version: string) => `{\n  "layout_version": ${version},\n  "content_hash": "${id}"\n}\n`;
const project = '"project_id": "x\\"layout_version\\": 9,"';

/** What a snapshot's metadata is, and which of the three questions about it have the answer yes. */
const cases: readonly (readonly [metadata: string | null, yes: readonly string[]])[] = [
  [named(String(LAYOUT_VERSION)), ["this"]],
  [named(String(LAYOUT_VERSION - 1)), ["other", "older"]],
  [named(String(LAYOUT_VERSION + 1)), ["other"]],
  [named("100"), ["other"]],
  [`{\n  "content_hash": "${id}"\n}\n`, ["other", "older"]],
  [`{\n  ${project},\n  "content_hash": "${id}"\n}\n`, ["other", "older"]],
  [named("null"), ["other", "older"]],
  ['{\n  "content_hash": "no hash"\n}\n', []],
  ["{", []],
  [null, []],
];

for (const shell of SHELLS) {
  test(`${shell}: the numbers are those of the client`, () => {
    const { stdout } = callHost(shell, ["lib/json", "lib/layout"], ["show"], {
      before: 'show() { echo "$layout_version $published_time"; }',
    });
    assert.is(stdout, `${LAYOUT_VERSION} ${PUBLISHED_TIME}\n`);
  });

  test(`${shell}: which layout a snapshot has`, () => {
    for (const [metadata, yes] of cases) {
      const dir = makeDirectory();
      if (metadata !== null) writeFileSync(join(dir, "pikaci-snapshot.json"), metadata);
      const { stdout, stderr } = callHost(shell, ["lib/json", "lib/layout"], ["show"], {
        before: `show() { for one in this other older; do "has_\${one}_layout" '${dir}' && echo "$one"; done; }`,
      });
      assert.equal(stdout.split("\n").filter(Boolean), yes, String(metadata));
      assert.is(stderr, "");
    }
  });
}

test.run();
