import { suite } from "uvu";
import * as assert from "uvu/assert";
import { casesIn, timesByFile } from "../../src/runs/test-times.ts";

const test = suite("times of test files");

const paths = [
  "packages/a/test/x.test.ts",
  "test/a.test.ts",
  "test/b.test.ts",
  "tests/test_a.py",
  "tests/sub/test_a.py",
];
const at = (cwd = "/workspace") => ({ paths, cwd });

/** How test runners name the file of a test, and what is made of it; `null`: nothing is known. */
const documents: readonly (readonly [
  what: string,
  xml: string,
  cwd: string,
  times: Record<string, number>,
])[] = [
  [
    "by an attribute of the test, twice",
    '<testsuites><testcase name="x" file="/workspace/test/a.test.ts" time="1.5"/><testcase name="y" file="test/a.test.ts" time=".25"/></testsuites>',
    "/workspace",
    { "test/a.test.ts": 1750 },
  ],
  [
    "by an address",
    '<testsuite><testcase name="x" file="file:///workspace/test/b.test.ts" time="2"/></testsuite>',
    "/workspace",
    { "test/b.test.ts": 2000 },
  ],
  [
    "by the suite's name, as vitest",
    '<testsuites><testsuite name="test/a.test.ts"><testcase classname="test/a.test.ts" name="x" time="1"/></testsuite><testsuite name="test/b.test.ts"><testcase name="x" time="3"/></testsuite></testsuites>',
    "/workspace",
    { "test/a.test.ts": 1000, "test/b.test.ts": 3000 },
  ],
  [
    "by the suite's file, as mocha",
    '<testsuites><testsuite name="a" file="/workspace/test/a.test.ts"><testcase name="x" time="1"/></testsuite></testsuites>',
    "/workspace",
    { "test/a.test.ts": 1000 },
  ],
  [
    "by the module, as pytest",
    '<testsuites name="pytest tests"><testsuite name="pytest"><testcase classname="tests.sub.test_a.TestA" name="test_x" time="0.003"/><testcase classname="tests.test_a" name="test_y" time="0.5"/></testsuite></testsuites>',
    "/workspace",
    { "tests/sub/test_a.py": 3, "tests/test_a.py": 500 },
  ],
  [
    "relative to where the job ran",
    '<testsuite><testcase name="x" file="test/x.test.ts" time="1"/></testsuite>',
    "/workspace/packages/a",
    { "packages/a/test/x.test.ts": 1000 },
  ],
  [
    "not at all, as Node 20",
    '<testsuites><testcase name="passes" time="0.006" classname="test"/></testsuites>',
    "/workspace",
    {},
  ],
  ["out of the workspace", '<testcase name="x" file="/etc/passwd" time="1"/>', "/workspace", {}],
  ["a time that is none", '<testcase name="x" file="test/a.test.ts" time="soon"/>', "/workspace", {}],
  ["a negative time", '<testcase name="x" file="test/a.test.ts" time="-5"/>', "/workspace", {}],
  [
    "a document that breaks off",
    '<testsuite><testcase name="x" file="test/a.test.ts" time="1"/><testcase name="<"',
    "/workspace",
    { "test/a.test.ts": 1000 },
  ],
  ["no XML", "1..2\nok 1\n", "/workspace", {}],
];

for (const [what, xml, cwd, times] of documents)
  test(what, () => {
    assert.equal(Object.fromEntries(timesByFile(casesIn(xml), at(cwd))), times);
  });

test("a report of many tests is read to its end", () => {
  const cases = Array.from(
    { length: 20_000 },
    () => '<testcase name="x" file="test/a.test.ts" time="0.001"/>',
  ).join("");
  assert.is(timesByFile(casesIn(`<testsuite>${cases}</testsuite>`), at()).get("test/a.test.ts"), 20_000);
});

test.run();
