import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SnapshotRefused } from "../../../src/core/errors.ts";
import {
  git,
  makeContext,
  makeDirectory,
  makeExecutable,
  rejection,
  removeWorkspaces,
  writeFiles,
} from "../../workspace.ts";
import { guestOf } from "./guest.ts";

const test = suite("a repository for a guest");
test.after(removeWorkspaces);

const SECRET = "a password that was committed once\n";

function repository(...words: string[]): string {
  const root = makeDirectory();
  git(root, "init", "-q", ...words);
  writeFiles(root, {
    "src/a.ts": "one\n",
    "src/b.ts": "two\n",
    run: "#!/bin/sh\n",
    empty: "",
    secret: SECRET,
  });
  makeExecutable(root, "run");
  symlinkSync("src/a.ts", join(root, "link"));
  git(root, "add", "-A");
  git(root, "commit", "-q", "-m", "first");
  git(root, "tag", "-a", "-m", "one", "v1.0");
  git(root, "rm", "-q", "secret");
  git(root, "commit", "-q", "-m", "second");
  settle(root);
  return root;
}

/** Files that are older than the index, as in a checkout that was not made this moment. */
function settle(root: string): void {
  const paths = git(root, "ls-files", "-z").split("\0").slice(0, -1);
  for (const path of paths.filter((one) => statSync(join(root, one), { throwIfNoEntry: false })?.isFile()))
    utimesSync(join(root, path), 1e9, 1e9);
  git(root, "status");
}

const idOf = (root: string, content: string) => {
  writeFileSync(join(root, ".git/content"), content);
  return git(root, "hash-object", ".git/content").trim();
};

test("a clean tree: status, describe, log, and nothing that was deleted", async () => {
  const root = repository();
  const guest = await guestOf(root);
  assert.is(guest.git("status", "--porcelain"), "");
  assert.is(guest.git("describe", "--dirty"), git(root, "describe", "--dirty"));
  assert.is(guest.git("rev-parse", "--abbrev-ref", "HEAD"), "main\n");
  assert.is(guest.git("log", "--format=%s"), "second\nfirst\n");
  assert.is(guest.git("show", "HEAD:src/a.ts"), "one\n");
  assert.is(guest.git("cat-file", "-p", "v1.0").includes("tag v1.0"), true);
  assert.not(guest.objects().includes(idOf(root, SECRET)));
  assert.ok(guest.objects().includes(idOf(root, "one\n")));
  guest.git("fsck", "--connectivity-only", "--no-dangling", "HEAD:");
});

test("a clean tree is not read: git knows its files by their stats", async () => {
  const guest = await guestOf(repository());
  const file = join(guest.directory, "src/a.ts");
  writeFileSync(file, "ONE\n");
  const { mtimeMs } = statSync(join(guest.directory, "src/b.ts"));
  utimesSync(file, mtimeMs / 1000, mtimeMs / 1000);
  assert.is(guest.git("status", "--porcelain"), "");
});

test("a dirty tree: what git says here it says there", async () => {
  const root = repository();
  writeFiles(root, {
    "src/a.ts": "ONE\n",
    "new file\nwith a line": "",
    staged: "s\n",
    "src/b.ts": "staged\n",
  });
  git(root, "add", "staged", "src/b.ts");
  writeFiles(root, { "src/b.ts": "and more\n" });
  rmSync(join(root, "empty"));
  makeExecutable(root, "src/a.ts");
  const guest = await guestOf(root);
  assert.is(guest.git("status", "--porcelain", "-z"), git(root, "status", "--porcelain", "-z"));
  const what = ["diff", "--diff-filter=d"];
  assert.is(guest.git(...what), git(root, ...what));
  assert.is(guest.git(...what, "HEAD"), git(root, ...what, "HEAD"));
  assert.is(guest.git(...what, "--cached"), git(root, ...what, "--cached"));
  assert.is(guest.git("describe", "--dirty"), git(root, "describe", "--dirty"));
});

test("a file of the same size and time with other content is modified", async () => {
  const root = repository();
  writeFiles(root, { "src/a.ts": "ONE\n" });
  utimesSync(join(root, "src/a.ts"), 1e9, 1e9);
  assert.is((await guestOf(root)).git("status", "--porcelain"), " M src/a.ts\n");
});

test("a file that was deleted has no content there, and git says so", async () => {
  const root = repository();
  rmSync(join(root, "src/b.ts"));
  const guest = await guestOf(root);
  assert.is(guest.git("status", "--porcelain"), " D src/b.ts\n");
  assert.is(guest.git("diff", "--name-status"), "D\tsrc/b.ts\n");
  assert.not(guest.objects().includes(idOf(root, "two\n")));
  assert.match(guest.fails("diff"), /unable to read/);
});

test("what the snapshot leaves out is not deleted for git, and not there", async () => {
  const root = repository();
  const guest = await guestOf(root, { include: [], exclude: ["src/b.ts"] });
  assert.is(guest.git("status", "--porcelain"), "");
  assert.not(guest.objects().includes(idOf(root, "two\n")));
  assert.ok(guest.git("ls-files").includes("src/b.ts"));
});

test("the same tree at the same commit is the same snapshot, wherever it was cloned", async () => {
  const root = repository();
  const clone = makeDirectory();
  git(clone, "clone", "-q", root, "c");
  git(root, "gc", "-q");
  settle(join(clone, "c"));
  const hashes = [await guestOf(root), await guestOf(join(clone, "c"))].map(({ contentHash }) => contentHash);
  assert.is(hashes[0], hashes[1]);
  git(root, "tag", "another");
  assert.is.not((await guestOf(root)).contentHash, hashes[0]);
});

test("what was made before is taken again", async () => {
  const root = repository();
  const context = makeContext();
  const [first, second] = [await guestOf(root, undefined, context), await guestOf(root, undefined, context)];
  assert.is(first.contentHash, second.contentHash);
  assert.is(second.git("status", "--porcelain"), "");
});

test("nothing of the repository's configuration and hooks comes along", async () => {
  const root = repository();
  git(root, "config", "core.fsmonitor", "touch fsmonitor-ran");
  git(root, "config", "remote.origin.url", "https://user:password@example.org/x");
  git(root, "config", "log.showSignature", "true");
  git(root, "config", "gpg.program", "touch gpg-ran");
  writeFiles(root, { ".git/hooks/post-index-change": "#!/bin/sh\ntouch hook-ran\n" });
  makeExecutable(root, ".git/hooks/post-index-change");
  const guest = await guestOf(root);
  assert.not.match(guest.git("config", "--local", "--list"), /fsmonitor|remote|gpg|password/);
  assert.is(guest.git("status", "--porcelain"), "");
  const ran = ["fsmonitor-ran", "gpg-ran", "hook-ran"].filter((name) => existsSync(join(root, name)));
  assert.equal(ran, []);
});

test("a secret in HEAD's version of a file is refused, and may be allowed", async () => {
  const root = repository();
  const key = `-----BEGIN ${"PRIVATE"} KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".repeat(3)}\n`;
  writeFiles(root, { "src/a.ts": key });
  git(root, "commit", "-qam", "a key");
  writeFiles(root, { "src/a.ts": "gone\n" });
  const error = await rejection(guestOf(root));
  assert.instance(error, SnapshotRefused);
  assert.match(String(error), /HEAD or the index.*\n {2}src\/a.ts:1: private-key/);
  const allow = [{ rule: "private-key", paths: ["src/a.ts"] }] as const;
  const guest = await guestOf(root, { include: [], exclude: [], allow });
  assert.is(guest.git("status", "--porcelain"), " M src/a.ts\n");
});

test("SHA-256, a detached HEAD, a linked work tree, a branch with a slash", async () => {
  const root = repository("--object-format=sha256");
  assert.is((await guestOf(root)).git("describe"), git(root, "describe"));
  git(root, "worktree", "add", "-q", "-b", "a/b", "../linked");
  const linked = await guestOf(join(root, "../linked"));
  rmSync(join(root, "../linked"), { recursive: true });
  assert.is(linked.git("branch", "--show-current"), "a/b\n");
  assert.is(linked.git("status", "--porcelain"), "");
  git(root, "checkout", "-q", "--detach");
  const detached = await guestOf(root);
  assert.is(detached.git("branch", "--show-current"), "");
  assert.is(detached.git("rev-parse", "HEAD"), git(root, "rev-parse", "HEAD"));
});

test("submodules: their files are there, and git finds nothing changed", async () => {
  const inner = repository();
  const root = repository();
  git(root, "submodule", "--quiet", "add", inner, "sub");
  git(root, "submodule", "--quiet", "add", inner, "away");
  git(root, "commit", "-qm", "submodules");
  git(root, "submodule", "--quiet", "deinit", "away");
  const guest = await guestOf(root);
  assert.is(guest.git("status", "--porcelain"), "");
  assert.is(readFileSync(join(guest.directory, "sub/src/a.ts"), "utf8"), "one\n");
});

test("a partial clone: the blobs that it has, and none is fetched", async () => {
  const root = repository();
  git(root, "config", "uploadpack.allowFilter", "true");
  const clone = makeDirectory();
  git(clone, "clone", "-q", "--filter=blob:none", `file://${root}`, "c");
  const guest = await guestOf(join(clone, "c"));
  assert.is(guest.git("status", "--porcelain"), "");
  assert.not(guest.objects().includes(idOf(root, SECRET)));
});

test("a shallow clone, replaced objects, alternates", async () => {
  const root = repository();
  const clone = makeDirectory();
  git(clone, "clone", "-q", "--depth=1", `file://${root}`, "shallow");
  git(clone, "clone", "-q", "--shared", root, "shared");
  assert.is((await guestOf(join(clone, "shallow"))).git("log", "--format=%s"), "second\n");
  git(root, "replace", "HEAD", "HEAD~1");
  for (const place of [root, join(clone, "shared")])
    assert.is((await guestOf(place)).git("log", "--format=%s"), "second\nfirst\n");
});

test("a conflict and assumed changes are told as they are", async () => {
  const root = repository();
  git(root, "checkout", "-q", "-b", "other", "v1.0");
  writeFiles(root, { "src/a.ts": "theirs\n" });
  git(root, "commit", "-qam", "theirs");
  git(root, "checkout", "-q", "main");
  writeFiles(root, { "src/a.ts": "ours\n" });
  git(root, "commit", "-qam", "ours");
  await rejection(Promise.resolve().then(() => git(root, "merge", "other")));
  assert.is((await guestOf(root)).git("status", "--porcelain"), git(root, "status", "--porcelain"));
});

const refusals: readonly (readonly [what: string, root: () => string, message: RegExp])[] = [
  ["outside git", makeDirectory, /not in a git work tree/],
  [
    "before the first commit",
    () => {
      const root = makeDirectory();
      git(root, "init", "-q");
      return root;
    },
    /no commit yet/,
  ],
  [
    "below the top",
    () => {
      const below = join(repository(), "src");
      mkdirSync(below, { recursive: true });
      return below;
    },
    /not the top of its repository/,
  ],
];

for (const [what, root, message] of refusals)
  test(`refused by name: ${what}`, async () => {
    const error = await rejection(guestOf(root()));
    assert.instance(error, SnapshotRefused);
    assert.match(String(error), message);
    assert.match(error instanceof SnapshotRefused ? (error.hint ?? "") : "", /remove `git`/);
  });

test.run();
