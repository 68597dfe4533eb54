import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseJUnit } from "../../../src/runs/reports/parse-junit.ts";
import { lines, rows } from "./rows.ts";

const test = suite("JUnit");

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
          ["the whole suite", "failed", "", "f\n\ng"],
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
  ["more than anyone has", `<testsuite>${"<a/>".repeat(1_000_000)}`, /more than 1,000,000 elements/],
  ["very deep", `<testsuites>${"<testsuite>".repeat(200)}`, /deep/],
];
for (const [name, text, message] of broken)
  test(`JUnit: ${name} is an error`, () => {
    assert.throws(() => parseJUnit(text), message);
  });

type Verdict = readonly [outcome: string, message: string, text: string];

const children: readonly (readonly [name: string, inner: string, expected: Verdict])[] = [
  [
    "pytest: the test failed, then its tear-down skipped",
    `<failure message="assert">f</failure><skipped type="pytest.skip" message="later">s</skipped>`,
    ["failed", "assert", "f"],
  ],
  ["skipped, then failed", `<skipped message="s"/><failure message="m">f</failure>`, ["failed", "m", "f"]],
  [
    "failed, then in error",
    `<failure message="m">f</failure><error message="e">x</error>`,
    ["error", "e", "x"],
  ],
  [
    "in error, then failed",
    `<error message="e">x</error><failure message="m">f</failure>`,
    ["error", "e", "x"],
  ],
  [
    "node: a failing todo",
    `<skipped type="todo" message="later"/><failure type="testCodeFailure" message="known">f</failure>`,
    ["skipped", "later", ""],
  ],
  [
    "a failing todo, in the other order",
    `<failure message="known">f</failure><skipped type="todo" message="later"/>`,
    ["skipped", "later", ""],
  ],
  [
    "Catch2: an expected failure",
    `<skipped message="TEST_CASE tagged with !mayfail"/><failure message="1 == 2" type="CHECK">f</failure>`,
    ["skipped", "TEST_CASE tagged with !mayfail", ""],
  ],
  [
    "Catch2: an expected exception",
    `<skipped message="TEST_CASE tagged with !mayfail"/><error type="TEST_CASE">boom</error>`,
    ["skipped", "TEST_CASE tagged with !mayfail", ""],
  ],
  [
    "a message that only speaks of such a tag",
    `<skipped message="see TEST_CASE tagged with !mayfail"/><failure message="m"/>`,
    ["failed", "m", ""],
  ],
  [
    "pytest: an expected failure whose tear-down broke",
    `<skipped type="pytest.xfail" message="known"/><error message="e">x</error>`,
    ["error", "e", "x"],
  ],
  [
    "PHPUnit: a risky test, with which a run passes",
    `<error type="PHPUnit\\Framework\\RiskyTestError">no assertions</error>`,
    ["skipped", "", "no assertions"],
  ],
  [
    "two failures, each with its message",
    `<failure message="first">at a</failure><failure message="second">at b</failure>`,
    ["failed", "first", "at a\n\nsecond\nat b"],
  ],
  [
    "googletest: messages that are in the texts",
    `<failure message="a.cc:4&#x0A;first"><![CDATA[a.cc:4\nfirst]]></failure><failure message="second"><![CDATA[second]]></failure>`,
    ["failed", "a.cc:4\nfirst", "a.cc:4\nfirst\n\nsecond"],
  ],
  [
    "CTest: the reason is what it printed",
    `<failure message=""/><system-out>the reason\n</system-out>`,
    ["failed", "", "the reason\n"],
  ],
  [
    "both of what it printed",
    `<failure/><system-out>out</system-out><system-err>err</system-err>`,
    ["failed", "", "out\nerr"],
  ],
  ["a text of blanks is none", `<failure>\n  </failure><system-err>err</system-err>`, ["failed", "", "err"]],
  ["what a test printed that passed", "<system-out>out</system-out>", ["passed", "", ""]],
  ["a text of its own", `<failure>own</failure><system-out>out</system-out>`, ["failed", "", "own"]],
  [
    "Surefire: a flaky failure of a test that passed at last",
    `<flakyFailure message="m"><stackTrace>t</stackTrace></flakyFailure>`,
    ["passed", "", ""],
  ],
  ["output that looks like an outcome", `<system-out><failure>f</failure></system-out>`, ["passed", "", ""]],
];
for (const [name, inner, [outcome, message, text]] of children)
  test(`JUnit, within a test: ${name}`, () => {
    const found = parseJUnit(`<testsuite name="s"><testcase name="t">${inner}</testcase></testsuite>`);
    assert.equal(found && rows(found), [["s", [["t", outcome, message, text]]]]);
  });

const attributes: readonly (readonly [name: string, attributes: string, inner: string, outcome: string])[] = [
  ["googletest: disabled", `status="notrun" result="suppressed"`, "", "skipped"],
  ["googletest: ran", `status="run" result="completed"`, "", "passed"],
  ["googletest: skipped in the middle", `status="run" result="skipped"`, "", "skipped"],
  ["CTest: disabled", `status="disabled"`, "<system-out>Disabled</system-out>", "skipped"],
  ["CTest: skipped", `status="notrun"`, `<skipped message="SKIP_RETURN_CODE=77"/>`, "skipped"],
  [
    "CTest: its program is not there, which fails a run",
    `status="notrun"`,
    `<skipped message="Unable to find executable"/>`,
    "error",
  ],
  ["CTest: ran", `status="run"`, "", "passed"],
  ["failed, in a word alone", `status="FAILED"`, "", "failed"],
  ["an element against a word", `status="passed"`, "<failure/>", "failed"],
  ["a word that nobody knows", `status="constructor"`, "", "passed"],
];
for (const [name, words, inner, outcome] of attributes)
  test(`JUnit, a test's attributes: ${name}`, () => {
    const found = parseJUnit(`<testsuite><testcase name="t" ${words}>${inner}</testcase></testsuite>`);
    assert.is(found?.[0]?.cases[0]?.outcome, outcome);
  });

const times: readonly (readonly [string, number | null])[] = [
  ["1.5", 1.5],
  ["1,234.5", 1234.5],
  ["1,234,567.891", 1234567.891],
  ["1,234", 1234],
  ["0,123", 0.123],
  ["12,5", 12.5],
  ["3.40938568115234e-05", 3.40938568115234e-5],
  ["7", 7],
  [" .5 ", 0.5],
  ["", null],
  ["-1.000", null],
  ["soon", null],
  ["0x10", null],
  ["1e999", null],
  ["NaN", null],
];
for (const [word, seconds] of times)
  test(`JUnit: a time of "${word}" is ${seconds}`, () => {
    const found = parseJUnit(`<testsuite><testcase name="t" time="${word}"/></testsuite>`);
    assert.is(found?.[0]?.cases[0]?.seconds, seconds);
  });

test("JUnit: places and properties are kept, of tests and of suites", () => {
  const found = parseJUnit(`<testsuites><testsuite name="s" file="s.js">
    <properties><property name="seed" value="1"/><property name="note">two
lines</property></properties>
    <testcase name="a"/>
    <testcase name="b" file="b.cc" line="4"><properties><property name="seen" value="3"/><property name="seen" value="4"/></properties></testcase>
    <testcase name="c" lineno="7"/><testcase name="d" line="x"/></testsuite></testsuites>`);
  const [one] = found ?? [];
  assert.equal(one?.properties, [
    { name: "seed", value: "1" },
    { name: "note", value: "two\nlines" },
  ]);
  assert.equal(
    one?.cases.map(({ file, line }) => [file, line]),
    [
      ["s.js", null],
      ["b.cc", 4],
      ["s.js", 7],
      ["s.js", null],
    ],
  );
  assert.equal(one?.cases[1]?.properties, [
    { name: "seen", value: "3" },
    { name: "seen", value: "4" },
  ]);
});

const ESC = "\u001b";
const characters: readonly (readonly [name: string, message: string, expected: string])[] = [
  ["node: an escape as it is", `a${ESC}[31mb${ESC}`, "ab"],
  ["bats: a decimal reference", "a&#27;[31mb&#27;", "ab"],
  ["mocha: a hexadecimal one", "a&#x1B;[1;31mb&#x1b;", "ab"],
  ["one at the end of an element", `a${ESC}[`, "a["],
  ["zero", "a&#0;\u0000b", "ab"],
  ["what is no character", "a&#xFFFE;&#xD800;\uffffb", "ab"],
  ["what is allowed", "a&#9;&#10;&#x1F600;\u{1f600}\u0085&amp;#27;", "a\t\n\u{1f600}\u{1f600}\u0085&#27;"],
];
for (const [name, text, expected] of characters)
  test(`JUnit, a forbidden character costs no test: ${name}`, () => {
    const found = parseJUnit(
      `<testsuite><testcase name="t"><failure message="${text}">${text}</failure></testcase><testcase name="u"/></testsuite>`,
    );
    assert.equal(found && rows(found), [
      [
        "",
        [
          ["t", "failed", expected, expected],
          ["u", "passed", "", ""],
        ],
      ],
    ]);
  });

test("JUnit: what looks like a reference is text in CDATA and in comments", () => {
  const found = parseJUnit(
    `<testsuite><!-- &#27; <![CDATA[ --><testcase name="t"><failure><![CDATA[a&#27;${ESC}b<!--]]>&#27;c</failure></testcase></testsuite>`,
  );
  assert.is(found?.[0]?.cases[0]?.text, "a&#27;b<!--c");
});

const totals: readonly (readonly [name: string, text: string, expected: readonly string[]])[] = [
  [
    "gotestsum: a package that does not build is counted at the root alone",
    `<testsuites tests="1" failures="0" errors="1"><testsuite name="p" tests="1" failures="0"><testcase name="a"/></testsuite></testsuites>`,
    ["error: the whole suite: its totals say 1 failure, none of them listed", "passed: a"],
  ],
  [
    "a suite without a list",
    `<testsuites><testsuite name="p" tests="3" failures="1"/><testsuite name="q"><testcase name="a"/></testsuite></testsuites>`,
    ["error: the whole suite: its totals say 1 failure, none of them listed", "passed: a"],
  ],
  [
    "tests of which none is listed",
    `<testsuites><testsuite name="p" tests="3"/><testsuite name="q"><testcase name="a"/></testsuite></testsuites>`,
    ["error: the whole suite: its totals say 3 tests, none is listed", "passed: a"],
  ],
  [
    "the only test without an outcome is the failed one",
    `<testsuite name="p" tests="2" failures="2"><testcase name="a"><failure/></testcase><testcase name="b"/></testsuite>`,
    ["failed: a", "failed: b: its suite's totals count it as failed"],
  ],
  [
    "said of a suite, it is not said again of those around it",
    `<testsuites errors="1"><testsuite name="p" errors="1"><testcase name="a"/><testcase name="b"/></testsuite></testsuites>`,
    ["passed: a", "passed: b", "error: the whole suite: its totals say 1 failure, none of them listed"],
  ],
  [
    "Catch2 counts assertions as tests, and not the failures that it expects",
    `<testsuite name="p" errors="0" failures="1" tests="12"><testcase name="a"><skipped message="TEST_CASE tagged with !mayfail"/><failure/></testcase><testcase name="b"/><testcase name="c"/></testsuite>`,
    [
      "skipped: a: TEST_CASE tagged with !mayfail",
      "passed: b",
      "passed: c",
      "error: the whole suite: its totals say 1 failure, none of them listed",
    ],
  ],
  [
    "node counts a failing todo in a suite's failures",
    `<testsuites><testsuite name="p" failures="1"><testcase name="a"><skipped type="todo" message="x"/><failure/></testcase><testcase name="b"/></testsuite></testsuites>`,
    ["skipped: a: x", "passed: b"],
  ],
  [
    "pytest counts both outcomes of one test",
    `<testsuite name="p" errors="1" failures="1" tests="1"><testcase name="a"><failure/><error/></testcase><testcase name="b"/></testsuite>`,
    ["error: a", "passed: b"],
  ],
  [
    "node's summary counts a failure that has subtests, and that the file does not list",
    `<testsuites><testsuite name="p" failures="0"><testcase name="a"/></testsuite><!-- tests 2 --><!-- fail 1 --></testsuites>`,
    ["error: the whole suite: its summary says 1 failed, none of them listed", "passed: a"],
  ],
  [
    "node's summary counts a test beside its failed subtests",
    `<testsuites><testsuite name="p" failures="1"><testsuite name="q" failures="1"><testcase name="a"><failure/></testcase></testsuite></testsuite><!-- fail 3 --></testsuites>`,
    ["failed: a"],
  ],
  [
    "node's summary counts two such tests of one name, of two files",
    `<testsuites>${`<testsuite name="p" failures="1"><testcase name="a"><failure/></testcase></testsuite>`.repeat(2)}<!-- fail 4 --></testsuites>`,
    ["failed: a", "failed: a"],
  ],
  [
    "node's summary counts more than a name that looks like two suites",
    `<testsuites><testsuite name="p / q" failures="1"><testcase name="a"><failure/></testcase></testsuite><!-- fail 3 --></testsuites>`,
    ["error: the whole suite: its summary says 3 failed, 1 of them listed", "failed: a"],
  ],
];
for (const [name, text, expected] of totals)
  test(`JUnit, totals: ${name}`, () => {
    assert.equal(parseJUnit(text)?.flatMap(lines), expected);
  });

test("JUnit: as many of tap's suites beside tests as anyone writes", () => {
  const both = Array.from(
    { length: 100_000 },
    (_, at) => `<testcase name="${at}"/><testsuite name="${at}"/>`,
  );
  const text = `<testsuites name="TAP Tests"><testsuite name="s">${both.join("")}<testcase name="one"/></testsuite></testsuites>`;
  assert.equal(parseJUnit(text)?.flatMap(lines), ["passed: one"]);
});

test("JUnit: Meson's suite output is with the first failure that has no word", () => {
  const found = parseJUnit(
    `<testsuite name="s"><testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><failure/></testcase><system-out>out</system-out><system-err>err</system-err></testsuite>`,
  );
  assert.equal(
    found?.[0]?.cases.map(({ text }) => text),
    ["", "out\nerr", ""],
  );
});

test("JUnit: tap 21 lists a test that has subtests twice, counts it twice, and says skipped in a property", () => {
  const found =
    parseJUnit(`<testsuites name="TAP Tests" tests="9" failures="6"><testsuite name="a.js" tests="8" failures="5">
    <testsuite name="outer" tests="2" failures="2"><testcase name="bad"><failure>f</failure></testcase></testsuite>
    <testsuite name="itself" tests="1" failures="1"><testcase name="good"/></testsuite>
    <testcase name="outer"><failure>its subtests</failure></testcase>
    <testcase name="itself"><failure>itself</failure></testcase>
    <testcase name="skip"><properties><property name="skip" value="no display"/></properties></testcase>
    <testcase name="todo"><properties><property name="todo" value="true"/></properties></testcase>
  </testsuite></testsuites>`);
  assert.equal(found?.flatMap(lines), [
    "failed: itself",
    "skipped: skip: no display",
    "skipped: todo: true",
    "failed: bad",
    "passed: good",
  ]);
});

const others: readonly (readonly [name: string, text: string])[] = [
  [
    "Check's own form",
    `<?xml version="1.0"?><testsuites xmlns="http://check.sourceforge.net/ns"><datetime>now</datetime><suite><title>s</title><test result="failure"/></suite></testsuites>`,
  ],
  ["Check's without a suite", `<testsuites xmlns="http://check.sourceforge.net/ns"/>`],
  ["that name with other children", "<testsuites><suite><test/></suite></testsuites>"],
  ["a prefix", `<j:testsuite xmlns:j="urn:j"><j:testcase name="a"/></j:testsuite>`],
];
for (const [name, text] of others)
  test(`JUnit: other XML is passed over: ${name}`, () => {
    assert.is(parseJUnit(text), null);
  });

test("JUnit: a namespace alone makes it no other XML", () => {
  const found = parseJUnit(
    `<testsuites xmlns="urn:x"><testsuite name="s"><testcase name="a"/></testsuite></testsuites>`,
  );
  assert.equal(found && rows(found), [["s", [["a", "passed", "", ""]]]]);
});

test("JUnit: suites of one name in a file stay apart, in its order", () => {
  const found = parseJUnit(
    `<testsuites><testsuite name="s"><testcase name="a"/></testsuite><testsuite name="r"><testcase name="b"/></testsuite><testsuite name="s"><testcase name="c"/></testsuite></testsuites>`,
  );
  assert.equal(
    found?.map(({ name, cases }) => [name, cases.map((one) => one.name)]),
    [
      ["s", ["a"]],
      ["r", ["b"]],
      ["s", ["c"]],
    ],
  );
});

test("JUnit: a suite's name in many, and many long ones in each other, stay short", () => {
  const open = `<testsuite name="${"n".repeat(5000)}">`;
  const found = parseJUnit(`${open.repeat(50)}<testcase name="a"/>${"</testsuite>".repeat(50)}`);
  assert.is(found?.[0]?.name, "n".repeat(1000));
});

test("JUnit: as many failures as anyone writes", () => {
  const found = parseJUnit(
    `<testsuite><testcase name="a">${"<failure/>".repeat(130_000)}</testcase></testsuite>`,
  );
  assert.is(found?.[0]?.cases[0]?.outcome, "failed");
});

test.run();
