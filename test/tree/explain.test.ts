import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SnapshotFilters } from "../../src/core/snapshot.ts";
import { explain } from "../../src/tree/explain.ts";
import { parseIgnorePattern } from "../../src/tree/explanation.ts";
import { survey } from "../../src/tree/snapshot.ts";
import { git, makeContext, makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("explain");
test.after(removeWorkspaces);

const token = `x = "gh${"p"}_k3Vw8ZtQ1bYpL6sRf0HcXj9NdG2mUaE7TqPo"\n`;

function commit(root: string): void {
  git(root, "add", "-A");
  git(root, "commit", "-q", "--allow-empty", "-m", "first");
}

/** A repository that has one of everything. */
function richRepository(): string {
  const library = makeDirectory();
  git(library, "init", "-q");
  writeFiles(library, { ".gitignore": "*.o\n", lib: "1" });
  commit(library);
  const root = makeDirectory();
  git(root, "init", "-q");
  writeFiles(root, { tracked: "1", "src/a.ts": "2", deleted: "3", "moved/x": "4", "forced.o": "5" });
  writeFiles(root, { "docs/skip.md": "6", "docs/keep.md": "7", "non\xc3\xa9.txt": "8" });
  git(root, "submodule", "add", "-q", library, "vendor");
  git(root, "submodule", "add", "-q", library, "later");
  commit(root);
  git(root, "submodule", "deinit", "-q", "-f", "later");
  writeFiles(root, { ".gitignore": "# objects\n*.o\nout/\n!kept.o\n", "src/.gitignore": "local*\n" });
  writeFiles(root, { untracked: "", "a.o": "", "kept.o": "", "out/deep/b": "", "src/local.ts": "" });
  writeFiles(root, { "vendor/new": "", "vendor/x.o": "", ".env": "A=1", "leak.ts": token, "new\nline": "" });
  rmSync(join(root, "deleted"));
  renameSync(join(root, "moved"), join(root, "elsewhere"));
  symlinkSync("elsewhere", join(root, "moved"));
  mkdirSync(join(root, "empty"));
  mkdirSync(join(root, "nested"));
  git(join(root, "nested"), "init", "-q");
  writeFiles(root, { "nested/y": "" });
  execFileSync("mkfifo", [join(root, "pipe")]);
  return root;
}

const filters: SnapshotFilters = { include: [], exclude: ["docs/skip.md"] };
const repository = richRepository();

async function ask(root: string, path: string, wanted = filters) {
  const context = { ...makeContext(), stateDir: join(root, ".pikaci") };
  const { verdict, rule, text } = await explain(
    { workspace: root, filters: wanted },
    join(root, path),
    context,
  );
  return { verdict, rule, text };
}

const table: readonly [path: string, verdict: string, rule: string, text: RegExp][] = [
  ["tracked", "in", "tracked", /^is tracked by git$/],
  ["src/a.ts", "in", "tracked", /^is tracked/],
  ["forced.o", "in", "tracked", /although `\*\.o` in \.gitignore, line 2 ignores it$/],
  ["untracked", "in", "untracked", /not tracked by git, and not ignored/],
  ["kept.o", "in", "untracked", /not ignored/],
  ["new\nline", "in", "untracked", /not ignored/],
  ["non\u00e9.txt", "in", "tracked", /^is tracked/],
  ["moved", "in", "untracked", /not ignored/],
  ["vendor/lib", "in", "tracked", /^is tracked/],
  ["vendor/new", "in", "untracked", /not ignored/],
  ["src", "in", "directory", /2 of the paths below it are in, 1 are left out/],
  [".", "in", "directory", /are in/],
  ["a.o", "out", "ignored", /`\*\.o` in \.gitignore, line 2$/],
  ["out/deep/b", "out", "ignored", /`out\/` in \.gitignore, line 3$/],
  ["out", "out", "ignored", /`out\/` in \.gitignore, line 3$/],
  ["src/local.ts", "out", "ignored", /`local\*` in src\/\.gitignore, line 1$/],
  ["vendor/x.o", "out", "ignored", /`\*\.o` in \.gitignore, line 1$/],
  ["docs/skip.md", "out", "excluded", /snapshot\.exclude: docs\/skip\.md$/],
  ["deleted", "out", "deleted", /tracked, and deleted/],
  ["moved/x", "out", "below-symlink", /below the symlink "moved"/],
  ["empty", "out", "empty-directory", /empty directory/],
  ["nested", "out", "nested-repository", /repository of its own/],
  ["nested/y", "out", "nested-repository", /repository of its own/],
  ["later/lib", "out", "submodule", /git submodule update --init/],
  [".git/config", "out", "own", /never in/],
  ["src/.pikaci/x", "out", "own", /never in/],
  ["no/such/thing", "out", "missing", /^does not exist$/],
  ["tracked/below", "out", "missing", /^does not exist$/],
  ["../elsewhere", "out", "outside-workspace", /outside the workspace/],
  ["pipe", "refused", "special-file", /socket, FIFO or device/],
  [".env", "refused", "guard", /guards: env-file, an environment file/],
  ["leak.ts", "refused", "guard", /github-token in line 1/],
];

for (const [path, verdict, rule, text] of table)
  test(`${JSON.stringify(path)}: ${verdict}, ${rule}`, async () => {
    const answer = await ask(repository, path);
    assert.equal([answer.verdict, answer.rule], [verdict, rule], answer.text);
    assert.match(answer.text, text);
  });

test("explains what the snapshot does: every path that is in, and every path that was left out", async () => {
  const context = makeContext();
  const { entries, leftOut } = await survey({ workspace: repository, filters }, context);
  assert.ok(entries.length > 12 && leftOut.length > 5);
  for (const { path } of entries)
    assert.is.not((await ask(repository, Buffer.from(path, "latin1").toString())).verdict, "out", path);
  for (const { path } of leftOut) assert.is((await ask(repository, path)).verdict, "out", path);
});

test("include, and a guard that is allowed", async () => {
  const allow = [{ rule: "env-file", paths: [".env"] }] as const;
  const wanted = { include: ["src", ".env"], exclude: [], allow };
  assert.is((await ask(repository, "tracked", wanted)).rule, "not-included");
  assert.is((await ask(repository, ".env", wanted)).verdict, "in");
  assert.is((await ask(repository, "src/a.ts", { ...wanted, maxFileSize: 0 })).rule, "guard");
});

test("the user's own ignore file is named in full", async () => {
  const root = makeDirectory();
  git(root, "init", "-q");
  const home = makeDirectory();
  writeFiles(home, { ".config/git/ignore": "*.swp\n" });
  writeFiles(root, { "a.swp": "" });
  const context = makeContext({ HOME: home });
  const { text } = await explain({ workspace: root, filters }, join(root, "a.swp"), context);
  assert.is(text, `is ignored by git: \`*.swp\` in ${home}/.config/git/ignore, line 1`);
});

test("a sparse checkout", async () => {
  const root = makeDirectory();
  git(root, "init", "-q");
  writeFiles(root, { "a/x": "1", "b/y": "2" });
  commit(root);
  git(root, "sparse-checkout", "set", "--cone", "--sparse-index", "a");
  assert.is((await ask(root, "b/y")).rule, "sparse");
  assert.is((await ask(root, "a/x")).rule, "tracked");
});

test("outside git, and in a workspace that git ignores as a whole", async () => {
  const plain = makeDirectory();
  writeFiles(plain, { a: "1", "skip/b": "" });
  mkdirSync(join(plain, "empty"));
  const wanted = { include: [], exclude: ["skip"] };
  assert.equal(await ask(plain, "a", wanted), {
    verdict: "in",
    rule: "outside-git",
    text: "lies in no git work tree, where every file counts",
  });
  assert.is((await ask(plain, "skip/b", wanted)).rule, "excluded");
  assert.is((await ask(plain, "empty", wanted)).verdict, "in");
  assert.is((await ask(plain, "b", wanted)).rule, "missing");
  const root = makeDirectory();
  git(root, "init", "-q");
  writeFiles(root, { ".gitignore": "build/\n", "build/a": "1" });
  assert.is((await ask(join(root, "build"), "a")).rule, "outside-git");
});

test("what git says of a pattern", () => {
  assert.equal(parseIgnorePattern(".gitignore\u00003\u0000*.o\u0000./a.o\u0000"), {
    source: ".gitignore",
    line: 3,
    pattern: "*.o",
  });
  assert.is(parseIgnorePattern(".gitignore\u00004\u0000!kept.o\u0000./kept.o\u0000"), null);
  assert.is(parseIgnorePattern(""), null);
});

test.run();
