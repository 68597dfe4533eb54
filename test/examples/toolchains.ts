import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openExample } from "./project.ts";

/** Run by `npm run test:examples`, which installs Debian's toolchains. */
const test = suite("examples that need a toolchain in /usr");

interface Expected {
  /** Shell, in the project, before the run. */
  readonly before?: string;
  readonly log: RegExp;
  /** What its services printed, by name. */
  readonly services?: Readonly<Record<string, RegExp>>;
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
  rust: {
    log: /test result: ok\. 2 passed/,
    breaks: ["src/lib.rs", "#[test]\nfn counts() {\n    assert_eq!(1, 2);\n}\n"],
  },
  postgresql: {
    log: /^ok {6}tests\/overdraft\.sql\nok {6}tests\/transfer\.sql$/m,
    services: { db: /database system is ready to accept connections[\s\S]*database system is shut down/ },
    breaks: ["tests/overdraft.sql", "DO $$ BEGIN ASSERT 1 = 2; END $$;\n"],
  },
  redis: {
    log: /^ok {6}tests\/out-of-stock\.sh\nok {6}tests\/take\.sh$/m,
    services: { redis: /Ready to accept connections[\s\S]*ready to exit, bye bye/ },
    breaks: ["stock.lua", "return redis.call('DECRBY', KEYS[1], ARGV[1])\n"],
  },
};

const wanted = process.env.PIKACI_EXAMPLE ?? "";
for (const [name, { before, log, services = {}, breaks }] of Object.entries(EXPECTED)) {
  if (!name.includes(wanted)) continue;
  test(`${name}: passes as it is, and fails when it is broken`, async () => {
    const { rig, remove } = openExample(name);
    try {
      if (before !== undefined) rig.shell(before);
      const passed = await rig.pikaci("run");
      assert.is(passed.code, 0, `${passed.stderr}${rig.jobFile("test", "guest.log")}`);
      assert.match(rig.jobFile("test", "guest.log"), log);
      for (const [service, said] of Object.entries(services))
        assert.match(rig.jobFile("test", `services/${service}.log`), said);
      const [file, text] = breaks;
      rig.write({ [file]: text });
      const failed = await rig.pikaci("run");
      assert.is(failed.code, 1, failed.stderr);
      assert.not.match(rig.jobFile("test", "guest.log"), log);
    } finally {
      remove();
    }
  });
}

test.run();
