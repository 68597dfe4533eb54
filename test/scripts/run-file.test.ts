// time-limit: 120
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { runFile } from "../../scripts/suites/run-file.ts";
import { judge } from "../../scripts/suites/verdict.ts";

interface Expected {
  readonly passed?: number;
  readonly failed: number;
  readonly skipped?: number;
  readonly problem?: RegExp;
}

const CASES: Readonly<Record<string, Expected>> = {
  passing: { passed: 2, failed: 0, skipped: 1 },
  failing: { passed: 1, failed: 1 },
  empty: { failed: 1, problem: /no tests in it/ },
  "forgotten-run": { failed: 1, problem: /no uvu total \(exit 0\)/ },
  "async-throws": { failed: 1 },
  "before-throws": { failed: 1 },
  "late-rejection": { passed: 1, failed: 1, problem: /exit 1 although its tests passed/ },
  "ends-early": { failed: 1, problem: /no uvu total/ },
};

const run = (name: string, timeLimit: number) =>
  runFile({ words: childWords(`test/fixtures/suites/${name}.ts`), timeLimit, mark: randomUUID() });

function isRunning(args: string): boolean {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() === args;
    } catch {
      return false;
    }
  });
}

for (const [name, expected] of Object.entries(CASES)) {
  test(`judges ${name}`, async () => {
    const ending = await run(name, 30);
    const { passed, failed, skipped, problems } = judge(ending);
    assert.equal(
      { passed, failed, skipped },
      { passed: expected.passed ?? 0, failed: expected.failed, skipped: expected.skipped ?? 0 },
      ending.output,
    );
    if (expected.problem !== undefined) assert.match(problems.join("\n"), expected.problem);
  });
}

test("a hang is killed at its time limit with all it started", async () => {
  const verdict = judge(await run("hangs", 2));
  assert.is(verdict.failed, 1);
  assert.match(verdict.problems.join("\n"), /killed at its time limit, ([2-9]|\d\d+) s, before its tests/);
  assert.not.ok(isRunning("sleep 8642"));
});

test("a file that does not end after its tests is killed and fails", async () => {
  const verdict = judge(await run("held-open", 8));
  assert.is(verdict.passed, 1);
  assert.match(verdict.problems.join("\n"), /after its tests: something holds it open/);
});

test("a process left behind fails the file and is killed", async () => {
  const verdict = judge(await run("leaves-process", 30));
  assert.equal(verdict.problems, ["left a process behind: sleep 9753"]);
  assert.not.ok(isRunning("sleep 9753"));
});

test.run();
