import { readFileSync } from "node:fs";
import * as uvu from "uvu";
import * as assert from "uvu/assert";
import { findSuites } from "../../scripts/suites/find.ts";
import { chosenRows, dealTests, EXHAUSTIVE, everyNth } from "../exhaustive.ts";

const { test } = uvu;

test("whoever leaves cases to npm run test:exhaustive says so in its head, so that the command finds it", () => {
  const imports = /^import .* from "(?:\.\.?\/)+exhaustive\.ts";$/m;
  const suites = findSuites(process.cwd(), []).filter(
    ({ file }) => file !== "test/scripts/exhaustive.test.ts",
  );
  const leaving = suites.filter(({ file }) => imports.test(readFileSync(file, "utf8")));
  assert.ok(leaving.length > 5, `${leaving.length}`);
  assert.equal(
    suites.filter(({ exhaustive }) => exhaustive).map(({ file }) => file),
    leaving.map(({ file }) => file),
  );
});

test("tests are dealt to the kinds of hosts in turn", () => {
  const registered: string[] = [];
  const suite = Object.assign((name: string) => void registered.push(name), uvu.suite("not run"));
  for (const kind of ["single", "multi"] as const) {
    const dealt = dealTests(suite, kind);
    for (const name of ["a", "b", "c"]) dealt(`${kind} ${name}`, () => {});
  }
  const all = ["single a", "single b", "single c", "multi a", "multi b", "multi c"];
  assert.equal(registered, EXHAUSTIVE ? all : ["single a", "single c", "multi b"]);
});

test("of rows in order, the first of each few is taken", () => {
  assert.equal(everyNth(["a", "b", "c", "d"], 3), EXHAUSTIVE ? ["a", "b", "c", "d"] : ["a", "d"]);
});

test("a row that is chosen exists", () => {
  const rows = { a: 1, b: 2 };
  assert.equal(chosenRows(rows, ["b"]).at(-1), ["b", 2]);
  assert.is(chosenRows(rows, ["b"]).length, EXHAUSTIVE ? 2 : 1);
  assert.throws(() => chosenRows(rows, ["c"]), /no such row: c/);
});

test.run();
