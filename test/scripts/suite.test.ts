import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Circumstances, choose, parseSuite } from "../../scripts/suites/suite.ts";
import { describe, summarize } from "../../scripts/suites/summary.ts";

const HERE: Circumstances = {
  unit: false,
  ci: false,
  labDeclined: false,
  missing: { lab: [], nix: [], tmux: [] },
};
const verdict = (passed: number, failed = 0, skipped = 0) => ({ passed, failed, skipped, problems: [] });
const PLAIN = { alone: false, exhaustive: false };
const UNIT = parseSuite("test/a.test.ts", "import {} from 'uvu';\n");
const LAB = parseSuite("test/b.test.ts", "// needs: lab\n// time-limit: 300\nimport {} from 'uvu';\n");
const BOTH = parseSuite("test/c.test.ts", "// needs: lab, nix\n\n// time-limit: 7\n");

test("headers: needs and time limit, only in the opening comment lines", () => {
  assert.equal(UNIT, { file: "test/a.test.ts", needs: [], timeLimit: 60, ...PLAIN });
  assert.equal(LAB, { file: "test/b.test.ts", needs: ["lab"], timeLimit: 300, ...PLAIN });
  assert.equal(BOTH, { file: "test/c.test.ts", needs: ["lab", "nix"], timeLimit: 180, ...PLAIN });
  assert.throws(() => parseSuite("test/d.test.ts", "// needs: luck\n"), /needs "luck"/);
  assert.throws(() => parseSuite("test/d.test.ts", "// time-limit: soon\n"), /not a number of seconds/);
});

test("headers: what runs alone says why", () => {
  assert.is(parseSuite("test/d.test.ts", "// alone: it measures delays\n").alone, true);
  assert.throws(() => parseSuite("test/d.test.ts", "// alone:\n"), /alone, but not why/);
});

test("headers: what has more cases says which", () => {
  assert.is(parseSuite("test/d.test.ts", "// exhaustive: both kinds of hosts\n").exhaustive, true);
  assert.throws(() => parseSuite("test/d.test.ts", "// exhaustive:\n"), /exhaustive, but not what/);
});

test("everything runs where nothing is missing", () => {
  assert.equal(choose([UNIT, LAB, BOTH], HERE), { run: [UNIT, LAB, BOTH], leftOut: [] });
});

test("--unit leaves out what has needs, which is no failure in CI", () => {
  const { run, leftOut } = choose([UNIT, LAB, BOTH], { ...HERE, unit: true, ci: true });
  assert.equal(run, [UNIT]);
  assert.equal(leftOut[0], { file: LAB.file, why: "needs lab, --unit", fatal: false });
  assert.is(leftOut.length, 2);
});

test("a lab that cannot run leaves its suites out; in CI that is a failure unless it was declined", () => {
  const missing = { lab: ["not root", "no mmdebstrap"], nix: [], tmux: [] };
  const fatal = (here: Partial<Circumstances>) =>
    choose([LAB], { ...HERE, missing, ...here }).leftOut[0]?.fatal;
  assert.is(choose([LAB], { ...HERE, missing }).leftOut[0]?.why, "needs lab: not root; no mmdebstrap");
  assert.is(fatal({}), false);
  assert.is(fatal({ ci: true }), true);
  assert.is(fatal({ ci: true, labDeclined: true }), false);
});

test("declining the lab excuses no missing Nix", () => {
  const here = {
    ...HERE,
    ci: true,
    labDeclined: true,
    missing: { lab: [], nix: ["nix is not installed"], tmux: [] },
  };
  assert.equal(choose([BOTH], here).leftOut[0]?.fatal, true);
});

test("the last line counts tests, what was left out stands before it", () => {
  assert.equal(summarize([verdict(3), verdict(4)], [], []), { lines: ["7 passed, 0 failed"], ok: true });
  assert.equal(summarize([verdict(3, 1, 2)], ["lint"], []), {
    lines: ["failed: lint", "3 passed, 2 failed, 2 skipped"],
    ok: false,
  });
  const leftOut = [
    { file: "test/b.test.ts", why: "needs lab: not root", fatal: false },
    { file: "test/c.test.ts", why: "needs nix: none", fatal: true },
  ];
  assert.equal(summarize([verdict(1)], [], leftOut), {
    lines: [
      "left out: test/b.test.ts (needs lab: not root)",
      "left out, a failure in CI: test/c.test.ts (needs nix: none)",
      "1 passed, 1 failed, 1 skipped",
    ],
    ok: false,
  });
});

test("one line a file", () => {
  assert.is(
    describe("test/a.test.ts", verdict(2), { passed: 1.234 }),
    "ok   test/a.test.ts: 2 passed in 1.2 s",
  );
  assert.is(
    describe("test/a.test.ts", verdict(2, 1, 3), { passed: 1, used: 2.345 }),
    "FAIL test/a.test.ts: 2 passed, 1 failed, 3 skipped in 1.0 s, 2.3 s of processor time",
  );
});

test.run();
