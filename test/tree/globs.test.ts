import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytePath, toPath } from "../../src/core/byte-path.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { filterRule, rules } from "../../src/tree/filters.ts";
import { globMatcher, globsWithoutMatch, literalGlob } from "../../src/tree/globs.ts";

const test = suite("globs and filters");
const path = (text: string) => bytePath(Buffer.from(text));

const table: [glob: string, path: string, matches: boolean][] = [
  ["src", "src", true],
  ["src", "src/a/b", true],
  ["src/", "src/a", true],
  ["./src", "src/a", true],
  ["/src", "src/a", true],
  ["src", "srcs", false],
  ["src", "a/src", false],
  ["src/*", "src/a", true],
  ["src/*", "src/a/b", true],
  ["src/*", "src", false],
  ["*.md", "x.md", true],
  ["*.md", "a/x.md", false],
  ["**/*.md", "x.md", true],
  ["**/*.md", ".a/.x.md", true],
  ["**/node_modules", "a/node_modules/b/c", true],
  ["{a,b}/*.ts", "b/x.ts", true],
  ["[ab].ts", "c.ts", false],
  ["\\!x", "y", false],
  ["\\!x", "!x", true],
  ["src/[!a]*.ts", "src/b.ts", true],
  ["src/[!a]*.ts", "src/a.ts", false],
  ["{1..12}", "12", true],
  ["{01..03}", "02", true],
  ["{01..03}", "2", false],
  ["[!a]b", "/b", false],
  ["app/(group)/*.ts", "app/(group)/x.ts", true],
  ["app/(group)/*.ts", "app/group/x.ts", false],
  ["\\*", "*", true],
  ["\\*", "a", false],
  ["a*b", "a\nb", true],
  ["a/**", "a/new\nline", true],
  ["-rf", "-rf", true],
  ["a b", "a b/c", true],
  ["é?", "éü", true],
  ["?", "é", true],
];

for (const [glob, name, matches] of table)
  test(`${JSON.stringify(glob)} ${matches ? "matches" : "leaves"} ${JSON.stringify(name)}`, () => {
    assert.is(globMatcher([glob])(path(name)), matches ? glob : null);
  });

test("names that are not UTF-8 are matched byte by byte", () => {
  const name = toPath(`${Buffer.from("é").toString("latin1")}/\xff\n`);
  for (const glob of ["é", "é/*", "**", "é/??"]) assert.is(globMatcher([glob])(name), glob);
  for (const glob of ["é/?", "\xff"]) assert.is(globMatcher([glob])(name), null);
});

for (const name of ["a", "a[1].json", "{a,b}", "(a|b)", "!a", "+(a)", "a*?", "a\\b", "@(x)", "$^"])
  test(`the literal glob of ${name} means it alone`, () => {
    const matches = globMatcher([literalGlob(name)]);
    assert.is.not(matches(path(name)), null);
    for (const other of ["x", "a1.json", "b", "ab", "axy"]) assert.is(matches(path(other)), null, other);
  });

test("the first glob that matches is named; none matches nothing", () => {
  assert.is(globMatcher(["x", "a", "**"])(path("a/b")), "a");
  assert.is(globMatcher([])(path("a")), null);
});

for (const glob of ["", "/", "../x", "a/../b", "x".repeat(5000)])
  test(`not a glob: ${JSON.stringify(glob.slice(0, 20))}`, () => {
    assert.throws(
      () => globMatcher([glob]),
      (error: unknown) =>
        error instanceof ConfigError &&
        error.exitCode === 2 &&
        /relative to the workspace/.test(error.hint ?? ""),
    );
  });

const disputed: [glob: string, hint: RegExp][] = [
  ["!x", /negated/],
  ["!(a)", /negated/],
  ["src/!(a|b).ts", /extended globs/],
  ["src/+(a)", /extended globs/],
  ["a/***/b", /`\*\*`/],
  ["[[.a.]]", /collating/],
  ["[b-a]", /wrong way round/],
  ["a\\", /backslash/],
];

for (const [glob, hint] of disputed)
  test(`read differently by git and sh: ${glob}`, () => {
    assert.throws(
      () => globMatcher([glob]),
      (error: unknown) => error instanceof ConfigError && hint.test(error.hint ?? ""),
    );
  });

test("those that match nothing are named", () => {
  const paths = ["src/a.ts", "docs/x.md"].map(path);
  assert.equal(globsWithoutMatch(["src", "scr/**", "**/*.md", "*.md"], paths), ["scr/**", "*.md"]);
  assert.equal(globsWithoutMatch([], paths), []);
});

const filters = { include: ["src", "docs/**"], exclude: ["**/*.log", "docs/private"] };
const decisions: [path: string, rule: string | null][] = [
  ["src/a.ts", null],
  ["docs/x", null],
  ["src/a.log", "snapshot.exclude: **/*.log"],
  ["docs/private/x", "snapshot.exclude: docs/private"],
  ["README.md", rules.notIncluded],
  ["src/.pikaci/x", rules.own],
  ["src/.git", rules.own],
  ["src/.github/x", null],
];

for (const [name, rule] of decisions)
  test(`filters say of ${name}: ${rule ?? "in"}`, () => {
    assert.is(filterRule(filters)(path(name)), rule);
  });

test.run();
