import { suite } from "uvu";
import * as assert from "uvu/assert";
import { placeIn } from "../../../src/report/ci/places.ts";

const test = suite("places in logs");

const table: readonly (readonly [string, readonly [string, number, string] | null])[] = [
  ["src/a.ts(12,5): error TS2322: no", ["src/a.ts", 12, "error TS2322: no"]],
  ["src/a.ts:12:5 - error TS2322: no", ["src/a.ts", 12, "error TS2322: no"]],
  ["a.c:3:1: error: expected ';'", ["a.c", 3, "error: expected ';'"]],
  ["/workspace/a.c:3:1: fatal error: x.h", ["a.c", 3, "fatal error: x.h"]],
  ["  --> src/main.rs:3:5", ["src/main.rs", 3, ""]],
  ["./pkg/a_test.go:12: got 1, want 2", ["pkg/a_test.go", 12, "got 1, want 2"]],
  ["tests/test_a.py:7: AssertionError", ["tests/test_a.py", 7, "AssertionError"]],
  ["    at Object.handler (/workspace/test/a.test.ts:62:10)", ["test/a.test.ts", 62, ""]],
  ["    at file:///workspace/test/a.mjs:1:2", ["test/a.mjs", 1, ""]],
  ["error: flake.nix:3:5: error", ["flake.nix", 3, "error"]],
  ["plain words", null],
  ["12:30:01 something", null],
  ["http://example.org:80: refused", null],
  ["/etc/passwd.x:1: no", null],
  ["../up.c:1: no", null],
  ["a.c:0: no line", null],
  ["    at run (/workspace/node_modules/x/y.js:1:2)", null],
  ["a.c:99999999999999999999: too much", null],
];
for (const [line, place] of table)
  test(line, () => {
    const found = placeIn(line);
    assert.equal(found && [found.file, found.line, found.message], place);
  });

test("a long line costs little", () => {
  for (const line of ["a.b".repeat(5000), "a.b:".repeat(4000), " ".repeat(16_000), "at ".repeat(5000)])
    assert.is(placeIn(line), null);
});

test.run();
