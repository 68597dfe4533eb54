import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Asked, understand } from "../../src/commands/words.ts";
import { UsageError } from "../../src/core/errors.ts";

const run = (...words: string[]): Asked => ({ what: "command", name: "run", words });

const table: readonly (readonly [readonly string[], Asked])[] = [
  [[], { what: "overview", said: false }],
  [["--help"], { what: "overview", said: true }],
  [["-h"], { what: "overview", said: true }],
  [["help"], { what: "overview", said: true }],
  [["help", "run"], { what: "help", name: "run" }],
  [["--version"], { what: "version" }],
  [["run", "--version"], { what: "version" }],
  [["run"], run()],
  [["run", "check", "--on", "b"], run("check", "--on", "b")],
  [["run", "--help"], { what: "help", name: "run" }],
  [["run", "check", "-h", "--version"], { what: "help", name: "run" }],
  [["run", "--", "--help"], run("--", "--help")],
  [["run", "--", "--version"], run("--", "--version")],
  [["run", "help"], run("help")],
];
for (const [argv, asked] of table)
  test(`pikaci ${argv.join(" ")}`, () => assert.equal(understand(argv), asked));

const refused: readonly (readonly [readonly string[], string])[] = [
  [["rnu"], 'unknown command "rnu" (did you mean "run"?)'],
  [["help", "rnu"], 'unknown command "rnu" (did you mean "run"?)'],
  [["constructor"], 'unknown command "constructor"'],
  [["__proto__", "--help"], 'unknown command "__proto__"'],
  [["a\nb"], 'unknown command "a\\nb"'],
  [[""], 'unknown command ""'],
  [["-C", "dir", "run"], 'the command comes first, and "-C" is not one'],
  [["--", "run"], 'the command comes first, and "--" is not one'],
];
for (const [argv, message] of refused)
  test(`refused: pikaci ${argv.join(" ")}`, () => {
    try {
      understand(argv);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      assert.is(error.message, message);
      assert.match(error.hint ?? "", "`pikaci --help`");
      return;
    }
    assert.unreachable();
  });

test.run();
