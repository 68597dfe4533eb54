import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytePath } from "../../src/core/byte-path.ts";
import { globMatcher } from "../../src/tree/globs.ts";
import { git, makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("globs as git and sh read them");
test.after(removeWorkspaces);

const NAMES =
  `a b ab aa a1 a9 a12 1 2 10 12 01 02 03 !a ! ^ ^a - a-b ] a] [ a[1] {a,b} {a} .x x.ts x.js x.tsx x.d.ts A Z
+(a) @(a) (a) a|b a\\b * ?a a. _ ~ $ #a dir/b/c dir/c dir/.x dir/1 dir2/12 d/e/f/g.ts`.split(/\s+/);

const root = makeDirectory();
for (const name of NAMES) {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), "");
}
git(root, "init", "-q");
git(root, "add", "-A");

const split = (text: string) => text.split("\0").filter((name) => NAMES.includes(name));

function gitMatches(glob: string): string[] {
  return split(git(root, "ls-files", "-z", "--", `:(top,glob)${glob}`)).sort();
}

/** Pathname expansion; what only a quoted word may hold is quoted. */
function shMatches(glob: string): string[] {
  const word = glob.replace(/[ $~#|()&;<>]/g, "\\$&");
  const script = `shopt -s globstar dotglob nullglob; for name in ${word}; do printf '%s\\0' "$name"; done`;
  const env = { PATH: process.env.PATH, LC_ALL: "C.UTF-8" };
  return split(
    execFileSync("bash", ["--norc", "-c", script], { cwd: root, env, encoding: "utf8", input: "" }),
  ).sort();
}

function ours(glob: string): string[] {
  const matches = globMatcher([glob]);
  return NAMES.filter((name) => matches(bytePath(Buffer.from(name))) !== null).sort();
}

const wildcards =
  `[!a] [^a] [!a-y] [a-c] []a] [!]a] [[:alpha:]] [[:digit:]] [![:alpha:]] [[:upper:]] a[!b] dir[!b]c dir[/]c
dir?c [.]x [!x]x a[0-9]* a\\[1\\] **/c */c dir/**/c d/**/g.ts **/*.ts * .* *.ts ? ?? a\\\\b \\* [*] [?]a [a-] [-a] [!-a] [a\\]]
[\\]] [A-Z] [a a] a**  **a dir/* x.[jt]s`.split(/\s+/);

for (const glob of wildcards)
  test(`git and sh agree on ${glob}, and so do we`, () => {
    const direct = ours(glob).filter((name) => !below(glob).includes(name));
    const expected = gitMatches(glob);
    assert.equal(shMatches(glob), expected);
    assert.equal(direct, expected);
  });

/** What we match besides because a directory above it matches. */
function below(glob: string): string[] {
  const found = new Set(shMatches(glob));
  return ours(`${glob}/**`).filter((name) => !found.has(name));
}

const braces =
  `{1..12} {01..03} {a,b} {a} {a,b a} {a,{b,x.ts}} x.{ts,js} {,a}b {a..c} {1..5..2} \\{a\\} \\{a,b\\} {dir,d}/*/c
dir/{b/c,c} x.{d.ts,ts,js}`.split(/\s+/);

for (const glob of braces) test(`sh reads ${glob} as we do`, () => assert.equal(ours(glob), shMatches(glob)));

test.run();
