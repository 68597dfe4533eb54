import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CancelledError, InfraError, SnapshotRefused, UsageError } from "../../src/core/errors.ts";
import { NO_SOURCE } from "../../src/core/no-source.ts";
import type { Snapshot, SnapshotFilters } from "../../src/core/snapshot.ts";
import { explain } from "../../src/tree/explain.ts";
import { rules } from "../../src/tree/filters.ts";
import { snapshot } from "../../src/tree/snapshot.ts";
import { asNobody } from "../nobody.ts";
import {
  git,
  makeContext,
  makeDirectory,
  makeExecutable,
  rejection,
  removeWorkspaces,
  writeFiles,
} from "../workspace.ts";

const test = suite("snapshot");
test.after(removeWorkspaces);

const everything: SnapshotFilters = { include: [], exclude: [] };

function repository(files: Readonly<Record<string, string>>): string {
  const root = makeDirectory();
  git(root, "init", "-q");
  writeFiles(root, files);
  git(root, "add", "-A");
  git(root, "commit", "-q", "--allow-empty", "-m", "first");
  return root;
}

function take(root: string, env: Readonly<Record<string, string>> = {}, filters = everything) {
  return snapshot({ workspace: root, filters }, makeContext(env));
}

const paths = (taken: Snapshot) => taken.entries.map(({ path }) => path as string);
const leftOut = (taken: Snapshot) => taken.leftOut.map(({ path, rule }) => `${path}: ${rule}`);

async function refused(promise: Promise<unknown>, message: RegExp, hint: RegExp): Promise<void> {
  const error = await rejection(promise);
  assert.instance(error, SnapshotRefused);
  if (!(error instanceof SnapshotRefused)) return;
  assert.is(error.exitCode, 5);
  assert.match(error.message, message);
  assert.match(error.hint ?? "", hint);
}

test("tracked and untracked files count, ignored and deleted ones do not", async () => {
  const root = repository({ ".gitignore": "*.o\nout/\n", kept: "1", gone: "2", "dir/x": "3" });
  writeFiles(root, { "new.ts": "4", "a.o": "", "out/deep/b": "", ".pikaci/runs/x": "" });
  rmSync(join(root, "gone"));
  mkdirSync(join(root, "empty"));
  makeExecutable(root, "kept");
  const taken = await take(root);
  assert.equal(paths(taken), [".gitignore", "dir/x", "kept", "new.ts"]);
  assert.is(taken.entries.find(({ path }) => path === "kept")?.type, "executable");
  assert.equal(leftOut(taken), [
    `.pikaci/runs/x: ${rules.own}`,
    `a.o: ${rules.ignored}`,
    `out/: ${rules.ignored}`,
  ]);
  const git_head = git(root, "rev-parse", "HEAD").trim();
  assert.equal(taken.source, { git_head, git_dirty: true, git_branch: "main", git_subject: "first" });
});

test("a clean checkout is not dirty, and a repository without a commit has no head", async () => {
  assert.is((await take(repository({ a: "1" }))).source.git_dirty, false);
  const fresh = makeDirectory();
  git(fresh, "init", "-q");
  assert.equal((await take(fresh)).source, NO_SOURCE);
  assert.equal(paths(await take(fresh)), []);
});

test("names are bytes: newlines, spaces, dashes, quotes, $(…), tabs, not UTF-8", async () => {
  const names = ["new\nline", " lead", "-rf", "'q\"", "$(touch x)", "tab\t", "non\xffutf8", "b\\n", "? x"];
  const root = repository(Object.fromEntries(names.map((name) => [name, name])));
  writeFiles(root, Object.fromEntries(names.map((name) => [`new/${name}`, name])));
  assert.equal(paths(await take(root)), [...names, ...names.map((name) => `new/${name}`)].sort());
});

test("an unmerged path counts once", async () => {
  const root = repository({ a: "base" });
  git(root, "checkout", "-q", "-b", "other");
  writeFiles(root, { a: "other" });
  git(root, "commit", "-qam", "other");
  git(root, "checkout", "-q", "main");
  writeFiles(root, { a: "main" });
  git(root, "commit", "-qam", "main");
  assert.throws(() => git(root, "merge", "other"));
  assert.match(git(root, "ls-files", "--stage"), / 3\ta/);
  assert.equal(paths(await take(root)), ["a"]);
});

test("a tracked file below what is now a symlink is deleted, the link counts", async () => {
  const root = repository({ "dir/a": "1", b: "2" });
  renameSync(join(root, "dir"), join(root, "moved"));
  symlinkSync("moved", join(root, "dir"));
  assert.equal(paths(await take(root)), ["b", "dir", "moved/a"]);
  writeFiles(root, { ".gitignore": "dir\n" });
  assert.equal(paths(await take(root)), [".gitignore", "b", "moved/a"]);
});

test("a tracked file that became a directory, and the reverse", async () => {
  const root = repository({ file: "1", "dir/a": "2" });
  rmSync(join(root, "file"));
  rmSync(join(root, "dir"), { recursive: true });
  writeFiles(root, { "file/inner": "3", dir: "4" });
  assert.equal(paths(await take(root)), ["dir", "file/inner"]);
});

test("symlinks are links: dangling, out of the tree, to a directory", async () => {
  const root = repository({ "d/x": "1" });
  symlinkSync("nowhere", join(root, "dangling"));
  symlinkSync("/etc/passwd", join(root, "out"));
  symlinkSync("d", join(root, "todir"));
  const taken = await take(root);
  assert.equal(paths(taken), ["d/x", "dangling", "out", "todir"]);
  assert.equal(
    taken.entries.map(({ type, size }) => [type, size]),
    [
      ["file", 1],
      ["symlink", 7],
      ["symlink", 11],
      ["symlink", 1],
    ],
  );
});

test("a directory of the repository: only what is below it, ignored by the rules above it", async () => {
  const root = repository({ ".gitignore": "*.o\n", "sub/a": "1", "other/b": "2" });
  writeFiles(root, { "sub/x.o": "", "sub/new": "" });
  const taken = await take(join(root, "sub"));
  assert.equal(paths(taken), ["a", "new"]);
  assert.equal(leftOut(taken), [`x.o: ${rules.ignored}`]);
});

test("a workspace that is ignored as a whole is walked, with a warning", async () => {
  const root = repository({ ".gitignore": "build/\n" });
  writeFiles(root, { "build/a": "1" });
  const context = makeContext();
  const taken = await snapshot({ workspace: join(root, "build"), filters: everything }, context);
  assert.equal(paths(taken), ["a"]);
  assert.match(context.events[0]?.type === "warning" ? context.events[0].message : "", /ignores the whole/);
});

test("submodules: the initialised one by the same rules, the other left out by name", async () => {
  const library = repository({ ".gitignore": "*.o\n", lib: "1", gone: "2" });
  const root = repository({ a: "1" });
  git(root, "submodule", "add", "-q", library, "vendor/in it");
  git(root, "submodule", "add", "-q", library, "later");
  git(root, "commit", "-qm", "submodules");
  git(root, "submodule", "deinit", "-q", "-f", "later");
  assert.is((await take(root)).source.git_dirty, false);
  rmSync(join(root, "vendor/in it/gone"));
  writeFiles(root, { "vendor/in it/new": "", "vendor/in it/x.o": "" });
  const taken = await take(root);
  const inside = [".gitignore", "lib", "new"].map((name) => `vendor/in it/${name}`);
  assert.equal(paths(taken), [".gitmodules", "a", ...inside]);
  assert.equal(leftOut(taken), [`later/: ${rules.uninitialised}`, `vendor/in it/x.o: ${rules.ignored}`]);
  assert.is(taken.source.git_dirty, true);
});

test("nested repositories are left out by name", async () => {
  const root = repository({ a: "1" });
  mkdirSync(join(root, "nested"));
  git(join(root, "nested"), "init", "-q");
  writeFiles(root, { "nested/x": "1" });
  const taken = await take(root);
  assert.equal(paths(taken), ["a"]);
  assert.equal(leftOut(taken), [`nested/: ${rules.nested}`]);
});

test("configuration outside the repository changes nothing but what is ignored", async () => {
  const root = repository({ a: "1", "\xe9": "2" });
  const home = makeDirectory();
  writeFiles(home, {
    ".gitconfig":
      "[core]\n quotePath = true\n fileMode = false\n excludesFile = ~/mine\n bare = true\n[status]\n showUntrackedFiles = no\n",
    mine: "*.secret\n",
  });
  writeFiles(root, { "new.ts": "", "x.secret": "" });
  const taken = await take(root, { HOME: home });
  assert.equal(paths(taken), ["a", "new.ts", "\xe9"]);
  assert.equal(leftOut(taken), [`x.secret: ${rules.ignored}`]);
  assert.is((await take(root)).entries.length, 4);
});

test("the caller's GIT_DIR, GIT_INDEX_FILE and GIT_WORK_TREE do not count", async () => {
  const root = repository({ a: "1" });
  const other = repository({ b: "1" });
  const taken = await take(root, {
    GIT_DIR: join(other, ".git"),
    GIT_INDEX_FILE: join(other, ".git/index"),
    GIT_WORK_TREE: other,
  });
  assert.equal(paths(taken), ["a"]);
});

test("no program that the repository's configuration names is run", async () => {
  const root = repository({ a: "1" });
  const mark = join(makeDirectory(), "ran");
  writeFileSync(join(root, ".git/monitor"), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
  git(root, "config", "core.fsmonitor", join(root, ".git/monitor"));
  writeFiles(root, { a: "2" });
  await take(root);
  assert.throws(() => execFileSync("test", ["-e", mark]));
});

test("a linked worktree and a sparse checkout are what is on disk", async () => {
  const root = repository({ "a/x": "1", "b/y": "2" });
  const linked = join(makeDirectory(), "linked");
  git(root, "worktree", "add", "-q", "-b", "other", linked);
  writeFiles(linked, { new: "" });
  assert.equal(paths(await take(linked)), ["a/x", "b/y", "new"]);
  git(root, "sparse-checkout", "set", "--cone", "--sparse-index", "a");
  assert.equal(paths(await take(root)), ["a/x"]);
});

test("without git: an error with a hint in a work tree, elsewhere it is not needed", async () => {
  const error = await rejection(take(repository({ a: "1" }), { PATH: "/nonexistent" }));
  assert.instance(error, InfraError);
  assert.match(String(error), /the program `git` is not on this machine's PATH/);
  const plain = makeDirectory();
  writeFiles(plain, { a: "1" });
  assert.equal(paths(await take(plain, { PATH: "/nonexistent" })), ["a"]);
});

test("a cancelled context ends a snapshot", async () => {
  const controller = new AbortController();
  controller.abort(new CancelledError("SIGINT"));
  for (const root of [repository({ a: "1" }), makeDirectory()]) {
    const taking = snapshot({ workspace: root, filters: everything }, makeContext({}, controller.signal));
    assert.instance(await rejection(taking), CancelledError);
  }
});

/** Only root can make a repository that belongs to another user. */
(process.getuid?.() === 0 ? test : test.skip)(
  "another user's repository is refused until its owner is trusted",
  async () => {
    const root = repository({ a: "1" });
    execFileSync("chown", ["-R", "65534:65534", root]);
    await refused(take(root), /dubious ownership.*safe\.directory/s, /git status/);
    const trusted = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: root };
    assert.equal(paths(await take(root, trusted)), ["a"]);
  },
);

test("a broken repository is refused in git's own words", async () => {
  const root = repository({ a: "1" });
  writeFileSync(join(root, ".git/index"), "garbage");
  await refused(take(root), /`git .*` failed: .*(index|signature)/s, /git status/);
  writeFileSync(join(root, ".git/config"), "[core\n");
  await refused(take(root), /bad config/, /git status/);
});

test("filters: what they leave out is named by its glob", async () => {
  const root = repository({ "src/a": "", "src/a.log": "", "docs/x": "" });
  const taken = await take(root, {}, { include: ["src"], exclude: ["**/*.log"] });
  assert.equal(paths(taken), ["src/a"]);
  assert.equal(leftOut(taken), [`docs/x: ${rules.notIncluded}`, "src/a.log: snapshot.exclude: **/*.log"]);
});

for (const [where, make] of [
  ["in a git work tree", () => repository({ "run/a": "1", ".gitignore": "ignored*\n" })],
  ["outside git", makeDirectory],
] as const) {
  test(`a FIFO or socket ${where} is refused by name, unless a rule leaves it out`, async () => {
    const root = make();
    mkdirSync(join(root, "only"));
    execFileSync("mkfifo", [join(root, "only/pipe\n1")]);
    await refused(take(root), /"only\/pipe\\x0a1" is a socket, FIFO or device/, /snapshot\.exclude/);
    const taken = await take(root, {}, { include: [], exclude: ["only"] });
    assert.ok(leftOut(taken).some((line) => line.endsWith("snapshot.exclude: only")));
  });

  test(`an unreadable directory ${where} is refused by name`, async () => {
    const root = make();
    writeFiles(root, { "closed/a": "1" });
    chmodSync(root, 0o755);
    chmodSync(join(root, "closed"), 0);
    const answer = refusedToNobody(root);
    chmodSync(join(root, "closed"), 0o755);
    assert.match(answer, /^SnapshotRefused 5 cannot read "closed"/);
  });
}

test("a tracked file that became a FIFO is refused, an ignored FIFO is left out", async () => {
  const root = repository({ a: "1", ".gitignore": "*.sock\n" });
  execFileSync("mkfifo", [join(root, "x.sock")]);
  assert.equal(leftOut(await take(root)), [`x.sock: ${rules.ignored}`]);
  rmSync(join(root, "a"));
  execFileSync("mkfifo", [join(root, "a")]);
  await refused(take(root), /"a" is a socket, FIFO or device/, /remove it/);
});

test("outside git everything counts, empty directories too, `.git` and `.pikaci` never", async () => {
  const root = makeDirectory();
  writeFiles(root, { "a/b": "", "non\xff/c": "", ".git/x": "", "a/.pikaci/y": "", "skip/z": "" });
  mkdirSync(join(root, "empty/deeper"), { recursive: true });
  const taken = await take(root, {}, { include: [], exclude: ["skip"] });
  assert.equal(paths(taken), ["a/b", "empty/deeper", "non\xff/c"]);
  assert.equal(leftOut(taken), [
    `.git/: ${rules.own}`,
    `a/.pikaci/: ${rules.own}`,
    "skip/: snapshot.exclude: skip",
  ]);
  assert.is(taken.source.git_head, null);
});

test("a workspace that is not there", async () => {
  const error = await rejection(take("/nonexistent/workspace"));
  assert.instance(error, UsageError);
  assert.match(String(error), /not a directory: "\/nonexistent\/workspace"/);
});

/** The error of a snapshot taken as a user without rights. */
function refusedToNobody(root: string): string {
  const filters = "{ include: [], exclude: [] }";
  return asNobody(
    'import { snapshot } from "./src/tree/snapshot.ts";',
    `snapshot({ workspace: ${JSON.stringify(root)}, filters: ${filters} }, context).then(
      () => console.log("no error"), (error) => console.log(error.name, error.exitCode, error.message));`,
  );
}

test("in a home, what pikaci keeps for the account does not count, in git and outside", async () => {
  const kept = {
    ".cache/pikaci/0/stat-0": "1",
    ".local/state/pikaci-client/verdict-key": "2",
    ".local/state/pikaci/snapshots/0/a": "3",
    "states/pikaci-client/verdict-key": "4",
  };
  const files = { ".cache/pikacis": "5", ".local/state/other": "6", "states/x": "7", project: "8" };
  for (const home of [repository(files), makeDirectory()]) {
    writeFiles(home, { ...files, ...kept });
    const above = makeDirectory();
    symlinkSync(home, join(above, "link"));
    const own = await take(home, { HOME: join(above, "link"), XDG_STATE_HOME: join(home, "states") });
    assert.equal(paths(own), [
      ".cache/pikacis",
      ".local/state/other",
      ".local/state/pikaci-client/verdict-key",
      "project",
      "states/x",
    ]);
    assert.equal(
      own.leftOut.filter(({ path }) => !path.startsWith(".git")),
      [],
    );
    assert.ok(paths(await take(home, { HOME: home })).includes("states/pikaci-client/verdict-key"));
    const question = { workspace: home, filters: everything };
    const told = await explain(question, join(home, ".cache/pikaci/0/stat-0"), makeContext({ HOME: home }));
    assert.equal([told.verdict, told.rule], ["out", "own"]);
  }
});

test("a workspace in what pikaci keeps is a workspace as any other", async () => {
  const home = makeDirectory();
  writeFiles(home, { ".cache/pikaci/w/x": "1" });
  for (const place of [".cache/pikaci", ".cache/pikaci/w"])
    assert.is(paths(await take(join(home, place), { HOME: home })).length, 1);
});

test.run();
