import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../src/core/errors.ts";
import { parseRunId } from "../../src/core/ids.ts";
import { findRun } from "../../src/runs/find.ts";

const test = suite("find a run");
const [first, second, third] = [
  parseRunId("20260101T000000Z-aaaaaaaa"),
  parseRunId("20260101T000000Z-abbbbbbb"),
  parseRunId("20260102T000000Z-cccccccc"),
];
const ids = [first, second, third];

const found: readonly (readonly [string, string])[] = [
  ["latest", third],
  ["20260102", third],
  [first, first],
  ["20260101T000000Z-ab", second],
];
for (const [wanted, id] of found) test(`${wanted} is ${id}`, () => assert.is(findRun(ids, wanted), id));

const refused: readonly (readonly [readonly (typeof first)[], string, RegExp, RegExp])[] = [
  [ids, "2025", /no run starts with "2025"/, /pikaci list.*20260102T000000Z-cccccccc/],
  [ids, "", /no run starts with ""/, /pikaci list/],
  [ids, "20260101", /2 runs start with "20260101"/, /abbbbbbb, 20260101T000000Z-aaaaaaaa/],
  [[], "latest", /there is no run/, /pikaci run/],
];
for (const [known, wanted, message, hint] of refused) {
  test(`${JSON.stringify(wanted)} among ${known.length} is refused`, () => {
    try {
      findRun(known, wanted);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      assert.is(error.exitCode, 2);
      assert.match(error.message, message);
      return assert.match(error.hint ?? "", hint);
    }
    assert.unreachable();
  });
}

test("at most eight candidates are listed", () => {
  const many = Array.from({ length: 20 }, (_, n) =>
    parseRunId(`20260101T000000Z-000000${String(n).padStart(2, "0")}`),
  );
  assert.throws(
    () => findRun(many, "2026"),
    (error: unknown) => error instanceof UsageError && error.hint?.endsWith("and 12 older") === true,
  );
});

test.run();
