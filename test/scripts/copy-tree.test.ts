import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { copyTree } from "../../scripts/copy-tree.ts";
import { git, makeDirectory, makeExecutable, removeWorkspaces, writeFiles } from "../workspace.ts";

test.after(removeWorkspaces);

test("a copy has the work tree's files as they are now, without ignored ones and without history", () => {
  const from = makeDirectory();
  git(from, "init", "-q");
  writeFiles(from, { ".gitignore": "out/\n", "a/b": "committed", deleted: "", "new\nline": "n", run: "#!" });
  makeExecutable(from, "run");
  git(from, "add", "-A");
  git(from, "commit", "-q", "-m", "first");
  rmSync(join(from, "deleted"));
  writeFiles(from, { "a/b": "edited", untracked: "u", "out/x": "ignored" });
  symlinkSync("nowhere", join(from, "link"));
  mkdirSync(join(from, "empty"));
  const to = join(makeDirectory(), "copy");
  assert.is(copyTree(from, to), 6);
  assert.is(readFileSync(join(to, "a/b"), "utf8"), "edited");
  assert.is(readFileSync(join(to, "new\nline"), "utf8"), "n");
  assert.is(readFileSync(join(to, "untracked"), "utf8"), "u");
  assert.is(readlinkSync(join(to, "link")), "nowhere");
  assert.ok((statSync(join(to, "run")).mode & 0o100) !== 0);
  for (const name of ["deleted", "out", ".git", "empty"])
    assert.is(lstatSync(join(to, name), { throwIfNoEntry: false }), undefined, name);
});

test.run();
