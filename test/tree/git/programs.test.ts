import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findChanges } from "../../../src/config/changes.ts";
import { SnapshotRefused } from "../../../src/core/errors.ts";
import { emptiedFilters } from "../../../src/system/git.ts";
import { snapshot } from "../../../src/tree/snapshot.ts";
import { git, makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../../workspace.ts";

/** Every program that a repository's own configuration can name leaves a mark here; none of them does anything else. */
const test = suite<{ root: string; marks: string }>("programs of the repository's git configuration");
test.before.each((context) => {
  const top = makeDirectory();
  context.root = join(top, "tree");
  context.marks = join(top, "marks");
  mkdirSync(context.marks);
  const inner = join(top, "inner");
  for (const root of [inner, context.root]) {
    mkdirSync(root);
    git(root, "init", "-q");
    writeFiles(root, { file: "1\n", "below/file": "1\n" });
    git(root, "add", "-A");
    git(root, "commit", "-q", "-m", "first");
  }
  git(context.root, "submodule", "--quiet", "add", inner, "sub");
  git(context.root, "commit", "-q", "-m", "second");
  plant(context.root, "outer", context.marks);
  plant(join(context.root, "sub"), "inner", context.marks);
});
test.after(removeWorkspaces);

/** Two files are changed, one to the same size: git has to read it to tell. */
function plant(root: string, name: string, marks: string): void {
  const mark = (what: string, after = "cat") => `"sh -c ': >${marks}/${name}-${what}; ${after}' mark"`;
  const gitDir = git(root, "rev-parse", "--absolute-git-dir").trim();
  const hooks = join(gitDir, "own-hooks");
  mkdirSync(hooks);
  for (const hook of ["post-index-change", "fsmonitor-watchman", "post-checkout"])
    writeFileSync(join(hooks, hook), `#!/bin/sh\n: >"${marks}/${name}-hook-${hook}"\n`, { mode: 0o755 });
  const configuration = `
[filter "${name}"]
  clean = ${mark("clean")}
  smudge = ${mark("smudge")}
  required = true
[filter "${name}-long"]
  process = ${mark("process")}
[filter "${name}.dotted name"]
  clean = ${mark("dotted")}
[diff]
  external = ${mark("external")}
[diff "${name}"]
  textconv = ${mark("textconv")}
  command = ${mark("command")}
[core]
  repositoryFormatVersion = 1
  fsmonitor = ${mark("fsmonitor")}
  hooksPath = ${hooks}
  sshCommand = ${mark("ssh", "false")}
  pager = ${mark("pager")}
[extensions]
  partialClone = origin
[remote "origin"]
  url = ${marks}
  promisor = true
  uploadpack = ${mark("uploadpack", "false")}
`;
  appendFileSync(join(gitDir, "config"), configuration);
  const lines = [`* filter=${name} diff=${name}`, `*/file filter=${name}-long`];
  mkdirSync(join(gitDir, "info"), { recursive: true });
  writeFileSync(join(gitDir, "info/attributes"), `${lines.join("\n")}\n`);
  writeFiles(root, { file: "2\n", "below/file": "2\n", new: "3\n" });
  utimesSync(join(root, "file"), 1e9, 1e9);
}

const filters = { include: [], exclude: [] };
const marksOf = (marks: string) => readdirSync(marks).sort();

test("the traps are set: git itself would start them", ({ root, marks }) => {
  git(root, "status");
  git(root, "diff", "--ignore-submodules=none");
  removeTree(root, "HEAD~1^{tree}");
  assert.throws(() => git(root, "diff", "HEAD~1"));
  for (const mark of ["clean", "process", "fsmonitor", "command", "uploadpack"].map(
    (what) => `outer-${what}`,
  ))
    assert.ok(existsSync(join(marks, mark)), `${mark} is not among ${marksOf(marks).join(" ")}`);
  assert.ok(existsSync(join(marks, "inner-clean")));
});

test("a snapshot starts none of them, and sees what changed", async ({ root, marks }) => {
  const taken = await snapshot({ workspace: root, filters }, makeContext());
  assert.equal(marksOf(marks), []);
  assert.is(taken.source.git_dirty, true);
  const paths = taken.entries.map(({ path }) => path as string);
  assert.equal(paths, [".gitmodules", "below/file", "file", "new", "sub/below/file", "sub/file", "sub/new"]);
});

for (const place of ["", "below"])
  test(`changed files below "${place}" are found without them, in submodules too`, async ({
    root,
    marks,
  }) => {
    const changes = await findChanges(join(root, place), null, makeContext());
    assert.equal(marksOf(marks), []);
    const expected = place === "" ? ["below/file", "file", "new", "sub"] : ["file"];
    assert.equal(changes.known && changes.paths, expected);
  });

test("an object that is missing is not fetched", async ({ root, marks }) => {
  removeTree(root, "HEAD~1^{tree}");
  assert.instance(await rejection(findChanges(root, "HEAD~1", makeContext())), SnapshotRefused);
  assert.equal(marksOf(marks), []);
});

function removeTree(root: string, name: string): void {
  const id = git(root, "rev-parse", name).trim();
  rmSync(join(root, ".git/objects", id.slice(0, 2), id.slice(2)));
}

test("a filter is emptied by its name, whatever it holds; one that no word can carry is refused", () => {
  const words = (name: string) =>
    [`${name}.clean=`, `${name}.process=`, `${name}.smudge=`, `${name}.required=false`].flatMap((w) => [
      "-c",
      w,
    ]);
  assert.equal(emptiedFilters(""), []);
  assert.equal(
    emptiedFilters("core.filemode\ntrue\0filter.a.b c.clean\nx\0filter.a.b c.required\0"),
    words("filter.a.b c"),
  );
  assert.equal(emptiedFilters("filter.x.smudge\n1\0filter.y.process\n2\0"), [
    ...words("filter.x"),
    ...words("filter.y"),
  ]);
  try {
    emptiedFilters("filter.a=b.clean\nx\0");
    assert.unreachable();
  } catch (error) {
    assert.instance(error, SnapshotRefused);
  }
});

test.run();
