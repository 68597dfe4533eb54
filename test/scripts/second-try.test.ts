import { test } from "uvu";
import * as assert from "uvu/assert";
import { settle, suitesToRepeat } from "../../scripts/suites/second-try.ts";
import { parseSuite } from "../../scripts/suites/suite.ts";
import { summarize } from "../../scripts/suites/summary.ts";

const judged = (name: string, failed: number) => ({
  suite: parseSuite(`test/${name}.test.ts`, ""),
  verdict: { passed: 2, failed, skipped: 0, problems: [] },
});

test("in CI what failed runs once more, unless four suites did; elsewhere nothing does", () => {
  const three = [judged("a", 1), judged("b", 0), judged("c", 2), judged("d", 1)];
  const files = (ci: boolean, all: typeof three) => suitesToRepeat(all, ci).map(({ file }) => file);
  assert.equal(files(true, three), ["test/a.test.ts", "test/c.test.ts", "test/d.test.ts"]);
  assert.equal(files(false, three), []);
  assert.equal(files(true, [...three, judged("e", 1)]), []);
  assert.equal(files(true, [judged("a", 0)]), []);
});

test("the second verdict counts, and what passed then is named", () => {
  const { verdicts, flaky } = settle(
    [judged("a", 1), judged("b", 0), judged("c", 1)],
    [judged("a", 0), judged("c", 2)],
  );
  assert.equal(
    verdicts.map(({ failed }) => failed),
    [0, 0, 2],
  );
  assert.equal(summarize(verdicts, [], [], flaky), {
    lines: ["flaky: test/a.test.ts failed, then passed when it ran alone", "6 passed, 2 failed"],
    ok: false,
  });
});

test.run();
