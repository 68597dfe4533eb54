import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseJUnit } from "../../../src/report/junit/parse-junit.ts";
import { parseTap } from "../../../src/report/junit/parse-tap.ts";
import type { TestSuite } from "../../../src/report/junit/suite.ts";

const test = suite("JUnit and TAP");

type Row = readonly [name: string, outcome: string, message: string, text: string];

function rows(suites: readonly TestSuite[]): (readonly [string, readonly Row[]])[] {
  return suites.map(({ name, cases }) => [
    name,
    cases.map((one): Row => [one.name, one.outcome, one.message, one.text]),
  ]);
}

const junit: readonly (readonly [string, string, ReturnType<typeof rows> | null])[] = [
  [
    "every outcome",
    `<?xml version="1.0"?><testsuites><testsuite name="s">
      <testcase name="a" classname="c" time="1.5"/>
      <testcase name="b"><failure message="m&amp;">t<![CDATA[<x>]]></failure><system-out>no</system-out></testcase>
      <testcase name="c"><error>boom</error></testcase>
      <testcase name="d"><skipped/></testcase></testsuite></testsuites>`,
    [
      [
        "s",
        [
          ["a", "passed", "", ""],
          ["b", "failed", "m&", "t<x>"],
          ["c", "error", "", "boom"],
          ["d", "skipped", "", ""],
        ],
      ],
    ],
  ],
  [
    "suites in suites, and one without a name",
    `<testsuite><testcase name="x"/><testsuite name="a"><testsuite name="b"><testcase name="y"/></testsuite></testsuite></testsuite>`,
    [
      ["", [["x", "passed", "", ""]]],
      ["a / b", [["y", "passed", "", ""]]],
    ],
  ],
  ["something else", `<coverage><package name="x"/></coverage>`, null],
  ["something else, and broken", "<html><br></html>", null],
  [
    "what befell a suite outside of its tests",
    `<testsuite name="s"><error message="set-up">boom</error><testcase name="the whole suite"><failure>f</failure><failure>g</failure></testcase><skipped/><failure>end</failure></testsuite>`,
    [
      [
        "s",
        [
          ["the whole suite", "error", "set-up", "boom"],
          ["the whole suite", "failed", "", "fg"],
          ["the whole suite", "failed", "", "end"],
        ],
      ],
    ],
  ],
];
for (const [name, text, expected] of junit)
  test(`JUnit: ${name}`, () => {
    const found = parseJUnit(text);
    assert.equal(found && rows(found), expected);
  });

const broken: readonly (readonly [string, string, RegExp])[] = [
  ["cut off", `<testsuites><testsuite name="a"><testcase name="x"/>`, /unclosed tag/],
  ["an entity of its own", `<!DOCTYPE x [<!ENTITY a "b">]><testsuite name="&a;"/>`, /entity/],
  [
    "a file of the machine",
    `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite>&a;</testsuite>`,
    /entity/,
  ],
  ["no XML at all", "hello", /document must contain a root element|text data outside of root/],
  ["nothing", "", /root element/],
  ["a comment alone", "<!-- x -->", /root element/],
  ["a suite without a test", `<testsuites><testsuite name="a"/></testsuites>`, /without a test/],
  ["very deep", `<testsuites>${"<testsuite>".repeat(200)}`, /deep/],
];
for (const [name, text, message] of broken)
  test(`JUnit: ${name} is an error`, () => {
    assert.throws(() => parseJUnit(text), message);
  });

const tap: readonly (readonly [string, string, readonly Row[]])[] = [
  [
    "every outcome",
    "TAP version 14\n1..5\nok 1 - a\nnot ok 2 - b\n  ---\n  message: bad\n  ...\nok 3 # SKIP no network\nnot ok 4 c # TODO later\nok\n",
    [
      ["a", "passed", "", ""],
      ["b", "failed", "", "  ---\n  message: bad\n  ..."],
      ["test 3", "skipped", "no network", ""],
      ["c", "skipped", "later", ""],
      ["test 5", "passed", "", ""],
    ],
  ],
  [
    "subtests count by their parent",
    "    ok 1 - inner\n    1..1\nok 1 - outer\n1..1\n",
    [["outer", "passed", "", ""]],
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
  ["all skipped", "1..0 # SKIP no display\n", []],
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
  ["cut off", "TAP version 14\nok 1 - a\nok 2", /cut off: 2 tests, no plan/],
  ["a subtest's plan alone", "    1..1\nok 1 - a\n", /cut off: 1 test, no plan/],
] as const)
  test(`TAP: ${name} is an error`, () => {
    assert.throws(() => parseTap(text, "t"), message);
  });

test.run();
