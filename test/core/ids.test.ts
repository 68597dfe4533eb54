import { test } from "uvu";
import * as assert from "uvu/assert";
import { groupOf, instanceName, makeRunId, orNull, parseJobName, parseName } from "../../src/core/ids.ts";

test("run ids sort by time, to the millisecond", () => {
  const start = Date.UTC(2026, 0, 2, 3, 4, 59, 998);
  const ids = [0, 1, 2, 3].map((later) => makeRunId(new Date(start + later), `fedcba9${9 - later}`));
  assert.equal(ids, [...ids].sort());
  assert.is(ids[0], "20260102T030459Z-3e6cba99");
});

const instances = ["unit (20)", "unit (20, pg)", "unit (1 of 8)", "a.b_c-d (c++20, npm@10, -1, 3 of 12)"];

for (const name of instances)
  test(`${name} is the name of a job, and no name as it is configured`, () => {
    assert.is(orNull(parseJobName, name), name);
    assert.is(orNull(parseName, name), null);
    assert.is(groupOf(parseJobName(name)), name.slice(0, name.indexOf(" (")));
  });

for (const name of [
  ...["", "a b", "a (", "a ()", "a (b", "a b)", "a(b)", "a  (b)", "a (b,c)", "a (b, )", "a (, b)", "a (b/c)"],
  ...[
    "a (b) ",
    " a (b)",
    "a (b)\n",
    "a (b\nc)",
    "a (é)",
    "a (b) (c)",
    "a (1 of 8, b)",
    "a (x of 8)",
    "../a (b)",
  ],
  `a (${"b".repeat(125)})`,
])
  test(`${JSON.stringify(name).slice(0, 40)} is no job's name`, () => {
    assert.is(orNull(parseJobName, name), null);
  });

test("an instance's name is made of its job's and its values, where these may stand in it", () => {
  assert.is(instanceName("unit", ["20", "pg"]), "unit (20, pg)");
  assert.is(instanceName("a", ["b".repeat(124)])?.length, 128);
  assert.equal(
    [instanceName("unit", []), instanceName("unit", ["a b"]), instanceName("a b", ["c"])],
    [null, null, null],
  );
  assert.is(groupOf(parseJobName("unit")), null);
});

test.run();
