import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseArgs } from "../../src/commands/parse.ts";
import type { CommandSpec } from "../../src/commands/spec.ts";
import { UsageError } from "../../src/core/errors.ts";

const spec = {
  describe: "",
  positionals: { first: { type: "text", value: "FIRST", describe: "" } },
  options: {
    flag: { type: "flag", short: "f", describe: "" },
    useCache: { type: "flag", default: true, describe: "" },
    out: { type: "text", value: "FILE", short: "o", describe: "" },
    shape: { type: "text", value: "SHAPE", default: "plain", describe: "" },
    many: { type: "list", value: "ONE", describe: "" },
    sides: { type: "words", value: "A [B]", describe: "" },
    set: { type: "pairs", values: ["NAME", "VALUE"], describe: "" },
    count: { type: "count", value: "N", default: 7, describe: "" },
    kind: { type: "choice", choices: ["a", "b"], default: "a", describe: "" },
  },
  conflicts: [["flag", "sides"]],
  rest: "",
  examples: [],
} as const satisfies CommandSpec;

const unwritten = {
  ...{ first: null, flag: false, useCache: true, out: null, shape: "plain", many: [], sides: [], set: [] },
  ...{ count: 7, kind: "a", rest: [] },
};

const table: readonly (readonly [readonly string[], object])[] = [
  [[], {}],
  [["x"], { first: "x" }],
  [["007"], { first: "007" }],
  [["0x10"], { first: "0x10" }],
  [["-f"], { flag: true }],
  [["-f", "--no-flag"], { flag: false }],
  [["--flag", "--flag"], { flag: true }],
  [["--no-use-cache"], { useCache: false }],
  [["--no-use-cache", "--use-cache"], { useCache: true }],
  [["--out", "x"], { out: "x" }],
  [["--out=x", "y"], { out: "x", first: "y" }],
  [["-o", "x"], { out: "x" }],
  [["--out=-x"], { out: "-x" }],
  [["--out="], { out: "" }],
  [["--out", "-"], { out: "-" }],
  [["--out=a=b"], { out: "a=b" }],
  [["--out=a\nb"], { out: "a\nb" }],
  [['--out="a b"'], { out: '"a b"' }],
  [["--out", "'a'"], { out: "'a'" }],
  [["--many", "1", "--many=2", "x"], { many: ["1", "2"], first: "x" }],
  [["--many='a b'", "--many", '"c"'], { many: ["'a b'", '"c"'] }],
  [["--sides", "a", "b"], { sides: ["a", "b"] }],
  [["--sides", "a", "--flag=false"], { sides: ["a"] }],
  [["--set", "n", "v", "--set", "m", "w"], { set: ["n", "v", "m", "w"] }],
  [["--count", "12"], { count: 12 }],
  [["--kind", "b"], { kind: "b" }],
  [["x", "--", "--many='a'", "-f"], { first: "x", rest: ["--many='a'", "-f"] }],
];
for (const [words, changed] of table)
  test(`read: ${words.join(" ")}`, async () => {
    const conflicting = words.includes("--flag=false");
    const read = conflicting ? { ...spec, conflicts: [] } : spec;
    assert.equal(await parseArgs(read, "do", words), { ...unwritten, ...changed });
  });

const refused: readonly (readonly [readonly string[], string])[] = [
  [["--unknown"], 'unknown option "--unknown"'],
  [["--constructor"], 'unknown option "--constructor"'],
  [["--__proto__", "x"], "takes no word"],
  [["--fleg=x"], 'unknown option "--fleg" (did you mean "--flag"?)'],
  [["--no-fleg"], 'unknown option "--no-fleg"'],
  [["--two-words"], 'unknown option "--two-words"'],
  [["-z"], 'unknown option "-z"'],
  [["-fz"], 'unknown option "-z"'],
  [["--fleg.x"], 'unknown option "--fleg"'],
  [["x", "y"], '`pikaci do` takes no word "y"'],
  [["--out"], "-o, --out FILE: its value is missing"],
  [["--out", "--flag"], "-o, --out FILE: its value is missing"],
  [["--set", "n"], "--set NAME VALUE: its value is missing"],
  [["--out", "x", "-o", "y"], "--out is written more than once"],
  [["--no-out"], "--out cannot be negated"],
  [["--count", "x"], '--count: expected a whole number, not "x"'],
  [["--count", "-1"], '--count: expected a whole number, not "-1"'],
  [["--count", "1.5"], "--count: expected a whole number"],
  [["--count", "99999999999999999"], "--count: expected a whole number"],
  [["--kind", "c"], '--kind: expected one of a, b, not "c"'],
  [["--flag", "--sides", "a"], "--flag and --sides are mutually exclusive"],
];
for (const [words, message] of refused)
  test(`refused: ${words.join(" ")}`, () => refuses(spec, words, message));

test("refused: words after -- where there can be none", () =>
  refuses({ describe: "", options: {}, examples: [] }, ["--", "x"], "`pikaci do` takes no words after `--`"));

async function refuses(of: CommandSpec, words: readonly string[], message: string): Promise<void> {
  try {
    await parseArgs(of, "do", words);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    assert.match(error.message, message);
    assert.ok(error.hint);
    return;
  }
  assert.unreachable();
}

test.run();
