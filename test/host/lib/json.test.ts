import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";
import { callHost, SHELLS } from "../call.ts";

const test = suite("host lib: json");
test.after(removeWorkspaces);

const texts: readonly (readonly [text: string, safe: string])[] = [
  ["", ""],
  ["exit 0", "exit 0"],
  ["a [!-~] * ?", "a [!-~] * ?"],
  ['say "no"', "say no"],
  ["a\\nb", "anb"],
  ["two\nlines\tand a bell\u0007", "twolinesand a bell"],
  ["é and 漢", "é and 漢"],
];

const id = "a".repeat(64);
const documents: readonly (readonly [json: string, value: string | null])[] = [
  [`{"schema_version":1,"content_hash":"${id}","x":"y"}`, id],
  [`{\n  "schema_version": 1,\n  "content_hash":   "${id}"\n}\n`, id],
  [`{"content_hash": 1,\n"content_hash": "second"}`, "second"],
  ['{"content_hash":""}', ""],
  ['{"content_hash":null}', null],
  ['{"content_hash":"cut', null],
  ['{"other":"x"}', null],
  ["", null],
];

for (const shell of SHELLS) {
  test(`${shell}: json_text leaves nothing that ends a string`, () => {
    for (const [text, safe] of texts) {
      const { stdout } = callHost(shell, ["lib/json"], ["main", text], {
        before: 'main() { json_text "$1"; printf %s "$json"; }',
      });
      assert.is(stdout, safe);
      assert.is(JSON.parse(`"${stdout}"`), safe);
    }
  });

  test(`${shell}: json_string finds the first string of a name, or fails`, () => {
    for (const [json, value] of documents) {
      const file = join(makeDirectory(), "document");
      writeFileSync(file, json);
      const { stdout } = callHost(shell, ["lib/json"], ["show"], {
        before: `show() { if json_string '${file}' content_hash; then echo "$json."; else echo "none$json."; fi; }`,
      });
      assert.is(stdout, value === null ? "none.\n" : `${value}.\n`, json);
    }
  });

  test(`${shell}: json_string of a file that is not there fails and says nothing`, () => {
    const { status, stdout, stderr } = callHost(shell, ["lib/json"], ["json_string", "./none", "x"]);
    assert.is.not(status, 0);
    assert.is(stdout + stderr, "");
  });
}

test.run();
