import { test } from "uvu";
import * as assert from "uvu/assert";
import { quoted } from "../../src/core/quoted.ts";

test("a text is quoted, so that nothing of it acts", () => {
  assert.is(quoted(""), '""');
  assert.is(quoted('a "b"\n\x1b[31m'), '"a \\"b\\"\\n\\u001b[31m"');
});

test("a long text is cut, and says by how much", () => {
  assert.is(quoted("x".repeat(200)), `"${"x".repeat(200)}"`);
  assert.is(quoted("x".repeat(16_000_000)), `"${"x".repeat(200)}" and 15999800 more characters`);
});

test.run();
