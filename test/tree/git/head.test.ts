import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openWorkTree } from "../../../src/system/git.ts";
import { nameHead, subjectOf } from "../../../src/tree/git/head.ts";
import { git, makeContext, makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";

const test = suite("head");
test.after(removeWorkspaces);

const HEADERS = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor a <a> 0 +0000\n";
const long = "é".repeat(300);

const subjects: readonly (readonly [message: string | Buffer, subject: string])[] = [
  ["tree: a subject\n\nand more\n", "tree: a subject"],
  ["two\nlines\n\nbody", "two lines"],
  ["\n\n  after blank lines  \nx\n", "after blank lines x"],
  ["", ""],
  ["\n", ""],
  ["red \x1b[31m and \x07 and \x9b", "red \ufffd[31m and \ufffd and \ufffd"],
  [Buffer.from([0x61, 0xff, 0x62]), "a\ufffdb"],
  [long, `${"é".repeat(199)}…`],
  ["<script>&\"'", "<script>&\"'"],
];

for (const [message, subject] of subjects)
  test(`the subject of ${JSON.stringify(message.toString("latin1").slice(0, 30))}`, () => {
    const commit = Buffer.concat([Buffer.from(`${HEADERS}\n`), Buffer.from(message)]);
    assert.is(subjectOf(commit), subject);
  });

test("a commit without a message has an empty subject", () => {
  assert.is(subjectOf(Buffer.from(HEADERS)), "");
});

async function named(root: string) {
  const context = makeContext();
  const tree = await openWorkTree(root, context);
  if (tree === null) throw new Error("no work tree");
  return nameHead(tree, git(root, "rev-parse", "HEAD").trim(), context);
}

test("a branch, a detached HEAD, a linked work tree, and no HEAD", async () => {
  const root = makeDirectory();
  git(root, "init", "-q");
  writeFiles(root, { a: "1" });
  git(root, "add", "a");
  git(root, "commit", "-q", "-m", "one: two");
  git(root, "checkout", "-q", "-b", "feature/$(x)");
  assert.equal(await named(root), { git_branch: "feature/$(x)", git_subject: "one: two" });
  git(root, "worktree", "add", "-q", "-b", "other", `${root}/linked`);
  assert.is((await named(`${root}/linked`)).git_branch, "other");
  git(root, "checkout", "-q", "--detach");
  assert.equal(await named(root), { git_branch: null, git_subject: "one: two" });
});

test.run();
