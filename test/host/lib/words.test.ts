import { suite } from "uvu";
import * as assert from "uvu/assert";
import { removeWorkspaces } from "../../workspace.ts";
import { callHost, SHELLS } from "../call.ts";

const test = suite("host lib: words");
test.after(removeWorkspaces);

const hash = "0123456789abcdef".repeat(4);

/** Words that a client may send by a fault of its own, or of a later version: never one that a program knows. */
const UNKNOWN = ["undefined", "null", "[object Object]", "YES", "yes ", " no", "yes\nno", "$(id)", "'", "*"];

const calls: readonly (readonly [
  call: readonly [string, ...string[]],
  good: readonly string[],
  bad: readonly string[],
])[] = [
  [
    ["known", "value", "yes", "no"],
    ["yes", "no"],
    ["", ...UNKNOWN],
  ],
  [["known", "value", "", "yes"], ["", "yes"], UNKNOWN],
  [
    ["number", "value"],
    ["0", "7", "120000", "999999999999999"],
    ["", "-1", "1.5", "007", "0x10", "1e3", "9999999999999999", ...UNKNOWN],
  ],
  [
    ["digest", "value"],
    [hash],
    ["", hash.slice(1), `${hash}0`, hash.toUpperCase(), "a".repeat(640), `${hash.slice(1)}\n`, ...UNKNOWN],
  ],
  [
    ["identifier", "value"],
    ["20260101T000000Z-0123abcd", "job", "a.b_c-D"],
    ["", "..", ".", "-rf", "a/b", "../a", "a b", "[object Object]", "yes\nno", "$(id)", "é"],
  ],
  [
    ["job_name", "value"],
    [
      "job",
      "a.b_c-D",
      "unit (20, pg)",
      "unit (1 of 8)",
      "unit (c++20, npm@10, 3 of 12)",
      `a (${"x".repeat(124)})`,
    ],
    [
      ...[
        "",
        "..",
        ".",
        "-rf",
        "a/b",
        "../a",
        "a b",
        "[object Object]",
        "yes\nno",
        "$(id)",
        "é",
        "a ()",
        "a (b",
        "a b)",
      ],
      ...[
        "a (b) c",
        "a (b))",
        "a (../b)",
        "a (b\nc)",
        "a ($x)",
        "a (b;c)",
        "a ('b')",
        " (b)",
        "a  (b)",
        "a (b) (c)",
      ],
      `a (${"x".repeat(125)})`,
    ],
  ],
];

for (const shell of SHELLS)
  for (const [call, good, bad] of calls) {
    test(`${shell}: ${call.join(" ").trim()} takes what it knows`, () => {
      for (const value of good) {
        const { status, stdout } = callHost(shell, [], call, { params: { value } });
        assert.equal([status, stdout], [0, ""], value);
      }
    });

    test(`${shell}: ${call.join(" ").trim()} ends the program by name for anything else`, () => {
      for (const value of bad) {
        const { status, stdout } = callHost(shell, [], call, { params: { value } });
        assert.is(status, 1, value);
        assert.match(stdout, /^error \d+\nhost\nthe parameter `value` is `/);
      }
    });
  }

test("a parameter that is missing is refused like one that is not known", () => {
  for (const [call] of calls.filter(([[, , first]]) => first !== "")) {
    const { status, stdout } = callHost("dash", [], call);
    assert.is(status, 1);
    assert.match(stdout, /the parameter `value` is ``/);
  }
});

test.run();
