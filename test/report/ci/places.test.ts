import { suite } from "uvu";
import * as assert from "uvu/assert";
import { headingIn, placeIn } from "../../../src/report/ci/places.ts";

const test = suite("places in logs");

const at = (cwd: string) => ({ cwd, heading: null });

const table: readonly (readonly [string, readonly [string, number, string, string] | null])[] = [
  ["src/a.ts(12,5): error TS2322: no", ["src/a.ts", 12, "error", "error TS2322: no"]],
  ["src/a.cs(12,5): warning CS0168: no", ["src/a.cs", 12, "warning", "warning CS0168: no"]],
  ["src/a.ts:12:5 - error TS2322: no", ["src/a.ts", 12, "error", "error TS2322: no"]],
  ["src/a.ts:12:5 - warning: no", ["src/a.ts", 12, "warning", "warning: no"]],
  ["a.c:3:1: error: expected ';'", ["a.c", 3, "error", "error: expected ';'"]],
  ["a.c:3:1: warning: unused", ["a.c", 3, "warning", "warning: unused"]],
  ["a.c:3:1: note: declared here", ["a.c", 3, "notice", "note: declared here"]],
  ["a.py:3: DeprecationWarning: old", ["a.py", 3, "warning", "DeprecationWarning: old"]],
  ["a.c:3: warnings are errors", ["a.c", 3, "error", "warnings are errors"]],
  ["a.c:3: noted", ["a.c", 3, "error", "noted"]],
  ["/workspace/a.c:3:1: fatal error: x.h", ["a.c", 3, "error", "fatal error: x.h"]],
  ["  --> src/main.rs:3:5", ["src/main.rs", 3, "error", ""]],
  ["./pkg/a_test.go:12: got 1, want 2", ["pkg/a_test.go", 12, "error", "got 1, want 2"]],
  ["tests/test_a.py:7: AssertionError", ["tests/test_a.py", 7, "error", "AssertionError"]],
  ["    at Object.handler (/workspace/test/a.test.ts:62:10)", ["test/a.test.ts", 62, "error", ""]],
  ["    at file:///workspace/test/a.mjs:1:2", ["test/a.mjs", 1, "error", ""]],
  ["error: flake.nix:3:5: error", ["flake.nix", 3, "error", "error"]],
  ["plain words", null],
  ["12:30:01 something", null],
  ["http://example.org:80: refused", null],
  ["/etc/passwd.x:1: no", null],
  ["../up.c:1: no", null],
  ["/workspace/../etc/x.c:1: no", null],
  ["a.c:0: no line", null],
  ["    at run (/workspace/node_modules/x/y.js:1:2)", null],
  ["a.c:99999999999999999999: too much", null],
];
for (const [line, place] of table)
  test(line, () => {
    const found = placeIn(line, at("/workspace"));
    assert.equal(found && [found.file, found.line, found.level, found.message], place);
  });

const directories: readonly (readonly [string, string, string | null])[] = [
  ["/workspace/packages/a", "src/a.c:1: no", "packages/a/src/a.c"],
  ["/workspace/packages/a", "../b/b.c:1: no", "packages/b/b.c"],
  ["/workspace/packages/a", "/workspace/top.c:1: no", "top.c"],
  ["/workspace/packages/a", "../../../up.c:1: no", null],
  ["/tmp", "a.c:1: no", null],
  ["/tmp", "/workspace/a.c:1: no", "a.c"],
];
for (const [cwd, line, file] of directories)
  test(`in ${cwd}: ${line}`, () => assert.is(placeIn(line, at(cwd))?.file ?? null, file));

const headings: readonly (readonly [string, string | null])[] = [
  ["error[E0308]: mismatched types", "error"],
  ["warning: unused variable: `x`", "warning"],
  ["help: try this", "notice"],
  ["  error: indented", null],
  ["error", null],
  ["errors: many", null],
];
for (const [line, level] of headings)
  test(`heading: ${line}`, () => assert.is(headingIn(line)?.level ?? null, level));

test("a place without words of its own has its heading's", () => {
  const heading = headingIn("warning: unused variable");
  assert.equal(placeIn("  --> src/main.rs:3:5", { cwd: "/workspace", heading }), {
    file: "src/main.rs",
    line: 3,
    level: "warning",
    message: "warning: unused variable",
  });
});

test("a long line costs little", () => {
  for (const line of ["a.b".repeat(5000), "a.b:".repeat(4000), " ".repeat(16_000), "at ".repeat(5000)])
    assert.is(placeIn(line, at("/workspace")), null);
});

test.run();
