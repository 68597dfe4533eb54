import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openExample } from "./project.ts";

/** Run by `npm run test:examples`, which installs Debian's toolchains. */
const test = suite("examples that need a toolchain in /usr");

interface Expected {
  /** Shell, in the project, before the run. */
  readonly before?: string;
  readonly log: RegExp;
  /** A file of the example, and a change that makes the job fail. */
  readonly breaks: readonly [string, string];
}

const EXPECTED: Readonly<Record<string, Expected>> = {
  node: {
    before: "npm ci --offline --no-audit --no-fund",
    log: /^# pass 2$|^ℹ pass 2$/m,
    breaks: ["packages/words/words.js", "export const greeting = (name) => name;\n"],
  },
  python: { log: /Ran 2 tests[\s\S]*^OK$/m, breaks: ["words.py", "def count(text):\n    return {}\n"] },
  c: { log: /100% tests passed/, breaks: ["src/words.c", "int main(void) { return 1; }\n"] },
  go: {
    log: /--- PASS: TestCount/,
    breaks: ["words.go", "package words\n\nfunc Count(text string) int { return 0 }\n"],
  },
};

for (const [name, { before, log, breaks }] of Object.entries(EXPECTED))
  test(`${name}: passes as it is, and fails when it is broken`, async () => {
    const { rig, remove } = openExample(name);
    try {
      if (before !== undefined) rig.shell(before);
      const passed = await rig.pikaci("run");
      assert.is(passed.code, 0, `${passed.stderr}${rig.jobFile("test", "guest.log")}`);
      assert.match(rig.jobFile("test", "guest.log"), log);
      const [file, text] = breaks;
      rig.write({ [file]: text });
      const failed = await rig.pikaci("run");
      assert.is(failed.code, 1, failed.stderr);
      assert.not.match(rig.jobFile("test", "guest.log"), log);
    } finally {
      remove();
    }
  });

test.run();
