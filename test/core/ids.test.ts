import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeRunId } from "../../src/core/ids.ts";

test("run ids sort by time, to the millisecond", () => {
  const start = Date.UTC(2026, 0, 2, 3, 4, 59, 998);
  const ids = [0, 1, 2, 3].map((later) => makeRunId(new Date(start + later), `fedcba9${9 - later}`));
  assert.equal(ids, [...ids].sort());
  assert.is(ids[0], "20260102T030459Z-3e6cba99");
});

test.run();
