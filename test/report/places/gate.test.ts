import { suite } from "uvu";
import * as assert from "uvu/assert";
import { anyOf } from "../../../src/report/places/gate.ts";

const test = suite("any of several expressions");

const any = anyOf([/^(?<file>a+):(?<line>\d)$/, /^(?<file>b)|c$/, /^error (?!not)/i, /\(\?<x>/]);

const table: readonly (readonly [string, boolean])[] = [
  ["aa:1", true],
  ["AA:1", false],
  ["ERROR x", true],
  ["error not", false],
  ["b and more", true],
  ["more c", true],
  ["more c more", false],
  ["(?<x>", true],
  ["", false],
];
for (const [line, is] of table) test(line || "empty", () => assert.is(any(line), is));

test("none of none", () => assert.is(anyOf([])("x"), false));

test.run();
