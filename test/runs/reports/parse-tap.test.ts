import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseTap } from "../../../src/runs/reports/parse-tap.ts";
import { lines, type Row, rows } from "./rows.ts";

const test = suite("TAP");

const tap: readonly (readonly [string, string, readonly Row[]])[] = [
  [
    "every outcome",
    "TAP version 14\n1..5\nok 1 - a\nnot ok 2 - b\n  ---\n  message: bad\n  ...\nok 3 # SKIP no network\nnot ok 4 c # TODO later\nok\n",
    [
      ["a", "passed", "", ""],
      ["b", "failed", "bad", "  ---\n  message: bad\n  ..."],
      ["test 3", "skipped", "no network", ""],
      ["c", "skipped", "later", ""],
      ["test 5", "passed", "", ""],
    ],
  ],
  [
    "a diagnostic before the test that failed, where none follows",
    "# heading\nok 1 - a\n# said before\nnot ok 2 - b\nok 3 - c\n# of nobody\n1..3\n",
    [
      ["a", "passed", "", ""],
      ["b", "failed", "", "# said before"],
      ["c", "passed", "", ""],
    ],
  ],
  [
    "a diagnostic after it counts more",
    "1..2\n# heading\nnot ok 1 - a\n#   Failed test 'a'\n#   at t line 1.\nok 2 - b\n",
    [
      ["a", "failed", "", "#   Failed test 'a'\n#   at t line 1."],
      ["b", "passed", "", ""],
    ],
  ],
  [
    "what a producer says after its plan is about all",
    "not ok 1 - a\n1..1\n# Looks like you failed 1 test of 1.\n",
    [["a", "failed", "", ""]],
  ],
  [
    "indented lines of another program are no subtest",
    "1..1\n    ok, then\n        not ok either\nnot ok 1 - a\n",
    [["a", "failed", "", "    ok, then\n        not ok either"]],
  ],
  [
    "a YAML block without its end",
    "1..2\nnot ok 1 - a\n  ---\n  message: bad\nok 2 - b\n",
    [
      ["a", "failed", "", "  ---\n  message: bad"],
      ["b", "passed", "", ""],
    ],
  ],
  [
    "a brace that opens nothing",
    "1..2\nok 1 - if (a) {\nok 2 - }\n",
    [
      ["if (a) {", "passed", "", ""],
      ["}", "passed", "", ""],
    ],
  ],
  [
    "tests that never came",
    "1..3\nok 1 - a\n",
    [
      ["a", "passed", "", ""],
      ["the whole stream", "error", "2 of 3 planned tests never came", ""],
    ],
  ],
  [
    "more tests than the plan announced",
    "ok 1 - a\nok 2 - b\n1..1\n",
    [
      ["a", "passed", "", ""],
      ["b", "passed", "", ""],
      ["the whole stream", "error", "2 tests came, 1 were planned", ""],
    ],
  ],
  ["all skipped", "1..0 # SKIP no display\n", [["the whole stream", "skipped", "no display", ""]]],
  [
    "all skipped, in other words",
    "1..0 # Skipped: no display\n",
    [["the whole stream", "skipped", "no display", ""]],
  ],
  ["nothing to run", "TAP version 14\n1..0\n", [["the whole stream", "skipped", "", ""]]],
  [
    "bail out before the plan",
    "ok 1 - a\nBail out!\n",
    [
      ["a", "passed", "", ""],
      ["the whole stream", "error", "the stream says: Bail out!", ""],
    ],
  ],
  ["bail out", "1..2\nBail out! no disk\n", [["the whole stream", "error", "no disk", ""]]],
  ["Windows line ends", "1..1\r\nok 1 - a\r\n", [["a", "passed", "", ""]]],
];
for (const [name, text, expected] of tap)
  test(`TAP: ${name}`, () => assert.equal(rows([parseTap(text, "t")]), [["t", expected]]));

for (const [name, text, message] of [
  ["what is no TAP", "okay\nnot okay\n", /no TAP/],
  ["nothing", "", /no TAP/],
  ["more than anyone has", "ok\n".repeat(1_000_001), /more than 1,000,000 tests/],
  ["cut off", "TAP version 14\nok 1 - a\nok 2", /cut off: 2 tests, no plan/],
  ["a subtest's plan alone", "    1..1\nok 1 - a\n", /cut off: 1 test, no plan/],
] as const)
  test(`TAP: ${name} is an error`, () => {
    assert.throws(() => parseTap(text, "t"), message);
  });

const names: readonly (readonly [line: string, expected: string])[] = [
  ["ok 1 - a # SKIPPED: no display", "skipped: a: no display"],
  ["ok 1 - a # Skip no display", "skipped: a: no display"],
  ["ok 1 # skip", "skipped: test 1"],
  ["ok 1 - a #skip why", "skipped: a: why"],
  ["not ok 1 - a # todo: later", "skipped: a: later"],
  ["ok 1 - a # TODO", "skipped: a"],
  ["ok 1 - a # TODOs are listed", "passed: a # TODOs are listed"],
  ["not ok 1 - fails \\# really", "failed: fails # really"],
  ["ok 1 - a \\# SKIP it", "passed: a # SKIP it"],
  ["ok 1 - skips # it # skip no display", "skipped: skips # it: no display"],
  ["ok 1 - C:\\dir\\\\x", "passed: C:\\dir\\x"],
  ["ok 1 - # SKIP", "skipped: test 1"],
  ["ok 1 - a # SKIP see \\#5", "skipped: a: see #5"],
  ["ok 1 - a # SKIP -", "skipped: a"],
  ["ok 1 - issue #5", "passed: issue #5"],
  ["ok - a", "passed: a"],
  ["ok 1 a", "passed: a"],
  ["ok 1- a", "passed: a"],
  ["ok 2nd try", "passed: 2nd try"],
  ["ok 1 - -x is an option", "passed: -x is an option"],
  ["ok 1 - 3 blind mice", "passed: 3 blind mice"],
];
for (const [line, expected] of names)
  test(`TAP: ${line}`, () => assert.equal(lines(parseTap(`1..1\n${line}\n`, "t")), [expected]));

const times: readonly (readonly [rest: string, name: string, seconds: number | null])[] = [
  ["a # time=1.5ms", "a", 0.0015],
  ["a # time=2s", "a", 2],
  ["a # time=1.5ms # SKIP why", "a", 0.0015],
  ["a # TODO later # time=20ms", "a", 0.02],
  ["a # in 15 ms", "a", 0.015],
  ["a # time=soon", "a # time=soon", null],
  ["a\n  ---\n  duration_ms: 250\n  ...", "a", 0.25],
  ["a\n  ---\n  duration_ms: long\n  ...", "a", null],
];
for (const [rest, name, seconds] of times)
  test(`TAP, a time: ${JSON.stringify(rest)}`, () => {
    const [one] = parseTap(`1..1\nok 1 - ${rest}\n`, "t").cases;
    assert.equal([one?.name, one?.seconds], [name, seconds]);
  });

type Facts = readonly [message: string, file: string | null, line: number | null];

const blocks: readonly (readonly [name: string, yaml: readonly string[], expected: Facts])[] = [
  ["TAP 13", ["message: 'bad'", "severity: fail", "file: t/a.t", "line: 4"], ["bad", "t/a.t", 4]],
  ["node", ["location: '/w/a.mjs:4:1'", "error: '1 == 2'", "stack: |-", "  at x"], ["1 == 2", "/w/a.mjs", 4]],
  ["tap", ["at:", "  fileName: test/a.js", "  lineNumber: 3"], ["", "test/a.js", 3]],
  ["tape", ["  operator: equal", "  at: Test.<anonymous> (/w/a.js:3:26)"], ["", "/w/a.js", 3]],
  ["vitest", ["error:", '    name: "E"', '    message: "bad"', 'at: "/w/a.js:3:33"'], ["bad", "/w/a.js", 3]],
  [
    "AVA, in the library alone",
    ["message: ''", "at: >-", "  x", "  (file:///w/node_modules/ava/lib/assert.js:309:16)"],
    ["", null, null],
  ],
  ["a message that is no text", ["message: [1, 2]", "line: -4"], ["", null, null]],
  ["no mapping", ["- a"], ["", null, null]],
  ["no YAML", ["message: 'bad", "x: ["], ["", null, null]],
  ["many aliases", ["a: &a [x, x]", ...Array.from({ length: 30 }, () => "b: *a")], ["", null, null]],
];
for (const [name, yaml, [message, file, line]] of blocks)
  test(`TAP, a YAML block: ${name}`, () => {
    const text = ["1..1", "not ok 1 - a", "  ---", ...yaml.map((one) => `  ${one}`), "  ...", ""];
    const [one] = parseTap(text.join("\n"), "t").cases;
    assert.equal([one?.message, one?.file, one?.line], [message, file, line]);
  });

const subtests: readonly (readonly [name: string, text: string, expected: readonly string[]])[] = [
  [
    "Test::More and node: the summary follows",
    "# Subtest: outer\n    ok 1 - inner\n    not ok 2 - bad\n    1..2\nnot ok 1 - outer\nok 2 - other\n1..2\n",
    ["passed: outer > inner", "failed: outer > bad", "passed: other"],
  ],
  [
    "TAP 14: the comment is indented",
    "1..1\n    # Subtest: outer\n    1..1\n    ok 1 - inner\nok 1 - outer\n",
    ["passed: outer > inner"],
  ],
  [
    "without a comment, by the plan",
    "    ok 1 - inner\n    1..1\nok 1 - outer\n1..1\n",
    ["passed: outer > inner"],
  ],
  [
    "vitest: the summary leads",
    '1..2\nnot ok 1 - outer # time=40.35ms {\n    1..2\n    ok 1 - inner # time=1ms\n    not ok 2 - bad\n        ---\n        error:\n            message: "m"\n        ...\n}\nok 2 - other\n',
    ["passed: outer > inner", "failed: outer > bad: m", "passed: other"],
  ],
  [
    "leading, with a directive before the brace",
    "1..1\nok 1 - outer # SKIP {\n    1..1\n    ok 1 - inner # SKIP\n}\n",
    ["skipped: outer > inner"],
  ],
  [
    "leading, with a YAML block before the brace",
    "1..1\nnot ok 1 - outer\n  ---\n  message: m\n  ...\n{\n    1..1\n    not ok 1 - bad\n}\n",
    ["failed: outer > bad"],
  ],
  [
    "three deep",
    "# Subtest: a\n    # Subtest: b\n        ok 1 - c\n        1..1\n    ok 1 - b\n    1..1\nok 1 - a\n1..1\n",
    ["passed: a / b > c"],
  ],
  [
    "leading in leading",
    "1..1\nok 1 - a {\n    1..1\n    ok 1 - b {\n        1..1\n        ok 1 - c\n    }\n}\n",
    ["passed: a / b > c"],
  ],
  [
    "a test fails after its subtests passed",
    "# Subtest: outer\n    ok 1 - inner\n    1..1\nnot ok 1 - outer\n  ---\n  error: 'itself'\n  ...\n1..1\n",
    ["passed: outer > inner", "failed: outer: itself"],
  ],
  [
    "what is to do, with all below",
    "# Subtest: outer\n    not ok 1 - inner\n    ok 2 - good\n    1..2\nnot ok 1 - outer # TODO later\n1..1\n",
    ["skipped: outer > inner: later", "passed: outer > good"],
  ],
  [
    "a failing todo in a test that passes",
    "# Subtest: outer\n    not ok 1 - inner # TODO later\n    1..1\nok 1 - outer\n1..1\n",
    ["skipped: outer > inner: later"],
  ],
  [
    "none to run, with the reason in its plan",
    "# Subtest: outer\n    1..0 # SKIP not here\nok 1 - outer\n1..1\n",
    ["skipped: outer: not here"],
  ],
  ["none at all", "# Subtest: outer\n    1..0\nok 1 - outer\n1..1\n", ["passed: outer"]],
  [
    "fewer than its plan",
    "# Subtest: outer\n    1..3\n    ok 1 - inner\nnot ok 1 - outer\n1..1\n",
    ["passed: outer > inner", "error: outer > the whole stream: 2 of 3 planned tests never came"],
  ],
  [
    "killed before the summary",
    "1..2\nok 1 - a\n# Subtest: outer\n    ok 1 - inner\n",
    ["passed: a", "passed: outer > inner", "failed: outer"],
  ],
  [
    "after a name that ends with a brace",
    "1..2\nok 1 - if (a) {\n# Subtest: outer\n    1..1\n    ok 1 - inner\nok 2 - outer\n",
    ["passed: if (a) {", "passed: outer > inner"],
  ],
  [
    "two, of which the first was killed",
    "1..2\n# Subtest: one\n    ok 1 - a\n# Subtest: two\n    ok 1 - b\n    1..1\nok 2 - two\n",
    ["passed: one > a", "failed: one", "passed: two > b"],
  ],
  [
    "no name but the comment's",
    "# Subtest: outer\n    1..1\n    ok 1 - inner\nok 1\n1..1\n",
    ["passed: outer > inner"],
  ],
  [
    "bail out in a subtest",
    "1..2\n# Subtest: outer\n    ok 1 - inner\n    Bail out! no disk\n",
    ["passed: outer > inner", "failed: outer", "error: the whole stream: no disk"],
  ],
];
for (const [name, text, expected] of subtests)
  test(`TAP, subtests: ${name}`, () => assert.equal(lines(parseTap(text, "t")), expected));

test("TAP: as many lines, and as deep, as anyone writes", () => {
  const noise = "    ok, then\n".repeat(130_000);
  assert.is(parseTap(`1..1\n${noise}not ok 1 - a\n`, "t").cases.length, 1);
  const deep = Array.from({ length: 300 }, (_, level) => `${" ".repeat(level * 4)}ok 1 - a`);
  assert.is(
    parseTap(`${deep.toReversed().join("\n")}\n1..1\n${deep.join("\n")}\n`, "t").cases.length > 0,
    true,
  );
});

test("TAP: of a large YAML block, what counts is read, and the rest is not parsed", () => {
  const keys = Array.from({ length: 300_000 }, (_, at) => `  k${at}: 1`).join("\n");
  const block = `  ---\n  message: bad\n${keys}\n  error: ${"&a ".repeat(300_000)}\n  at: a.js:3\n  ...\n`;
  const [one] = parseTap(`1..1\nnot ok 1 - a\n${block}`, "t").cases;
  assert.equal([one?.message, one?.file, one?.line], ["bad", "a.js", 3]);
});

test("TAP: lines below many open subtests are kept once, not for each", () => {
  const deep = Array.from({ length: 100 }, (_, level) => `${" ".repeat(level * 4)}ok 1 - a`);
  const { cases } = parseTap(`${deep.join("\n")}\n${"#\n".repeat(4_000_000)}not ok 2 - b\n1..2\n`, "t");
  assert.equal(
    cases.map(({ outcome }) => outcome),
    ["passed", "failed"],
  );
});

test.run();
