import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SnapshotRefused } from "../../../src/core/errors.ts";
import type { EntryType, HashedSnapshot, SnapshotFilters } from "../../../src/core/snapshot.ts";
import { workspaceOf } from "../../../src/core/workspace-of.ts";
import { readVerified } from "../../../src/publish/verified.ts";
import { hash } from "../../../src/tree/hash.ts";
import { snapshot } from "../../../src/tree/snapshot.ts";
import {
  git,
  makeContext,
  makeDirectory,
  makeExecutable,
  removeWorkspaces,
  writeFiles,
} from "../../workspace.ts";

const test = suite("git's odd cases");
test.after(removeWorkspaces);

/** The rows of docs/snapshot.md's table, with real git. */
function repository(files: Readonly<Record<string, string>>, ...settings: string[]): string {
  const root = makeDirectory();
  git(root, "init", "-q");
  for (const setting of settings) git(root, "config", ...setting.split("="));
  writeFiles(root, files);
  git(root, "add", "-A");
  git(root, "commit", "-q", "--allow-empty", "-m", "first");
  return root;
}

interface Taken {
  readonly hashed: HashedSnapshot;
  /** Message and hint of each. */
  readonly warnings: readonly string[];
}

async function take(root: string, allow: SnapshotFilters["allow"] = []): Promise<Taken> {
  const context = { ...makeContext(), stateDir: join(root, ".pikaci") };
  const filters = { include: [], exclude: [], allow };
  const hashed = await hash(await snapshot({ workspace: root, filters }, context), context);
  const warnings = context.events.flatMap((event) =>
    event.type === "warning" ? [`${event.message} (${event.hint})`] : [],
  );
  return { hashed, warnings };
}

const types = ({ hashed }: Taken): Record<string, EntryType> =>
  Object.fromEntries(hashed.entries.map(({ path, type }) => [path, type]));

async function content({ hashed }: Taken, path: string): Promise<string> {
  const entry = hashed.entries.find((candidate) => candidate.path === path);
  if (entry === undefined) throw new Error(`${path} is not in the snapshot`);
  const chunks: Buffer[] = [];
  for await (const chunk of readVerified(workspaceOf(hashed.snapshot), entry)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const pointer = (size: number) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${"ab12".repeat(16)}\nsize ${size}\n`;

test("Git LFS pointers are published as they are, with a warning each time", async () => {
  const root = repository({ "a.bin": pointer(1), "b.bin": pointer(2), "notes.md": `As in: ${pointer(1)}` });
  for (const _ of [1, 2]) {
    const taken = await take(root);
    assert.is(await content(taken, "a.bin"), pointer(1));
    assert.is(taken.warnings.length, 1);
    assert.match(
      taken.warnings[0] ?? "",
      /^2 files are Git LFS pointers instead of the content, as "a\.bin" \(.*git lfs pull/,
    );
  }
  const one = await take(root, [{ rule: "lfs-pointer", paths: ["b.bin"] }]);
  assert.match(one.warnings[0] ?? "", /^1 file is a Git LFS pointer/);
  assert.equal((await take(root, [{ rule: "lfs-pointer", paths: ["*.bin"] }])).warnings, []);
  writeFiles(root, { "a.bin": "content", "b.bin": "content" });
  assert.equal((await take(root)).warnings, []);
});

test("names that differ by case only are two files", async () => {
  const root = repository({ Readme: "1", readme: "2", "Dir/a": "3", "dir/a": "4" });
  git(root, "config", "core.ignoreCase", "true");
  const taken = await take(root);
  assert.equal(Object.keys(types(taken)), ["Dir/a", "Readme", "dir/a", "readme"]);
  assert.is(await content(taken, "readme"), "2");
});

test("core.ignoreCase=true where the disk tells cases apart: a file renamed by case is there, with a warning", async () => {
  const root = repository({ Readme: "1", "Dir/a": "2", ".gitignore": "build/\n" }, "core.ignoreCase=true");
  renameSync(join(root, "Readme"), join(root, "README"));
  renameSync(join(root, "Dir"), join(root, "dir"));
  writeFiles(root, { "build/x": "3", "BUILD/x": "4" });
  for (const _ of [1, 2]) {
    const taken = await take(root);
    assert.equal(Object.keys(types(taken)), [".gitignore", "BUILD/x", "README", "dir/a"]);
    assert.is(taken.warnings.length, 1);
    assert.match(taken.warnings[0] ?? "", /core\.ignoreCase is true.*git config core\.ignoreCase false/);
  }
  git(root, "config", "core.ignoreCase", "false");
  const taken = await take(root);
  assert.equal(Object.keys(types(taken)), [".gitignore", "BUILD/x", "README", "dir/a"]);
  assert.equal(taken.warnings, []);
});

test("a `.git` whose work tree is nowhere, or elsewhere, is refused by name", async () => {
  const elsewhere = makeDirectory();
  for (const setting of ["core.bare=true", `core.worktree=${elsewhere}`]) {
    const root = repository({ a: "1", ".gitignore": "secret\n" });
    writeFiles(root, { secret: "2", "deep/b": "3" });
    git(root, "config", ...setting.split("="));
    for (const directory of [root, join(root, "deep"), join(root, ".git")])
      await take(directory).then(
        () => assert.unreachable("was taken"),
        (error: unknown) => {
          assert.instance(error, SnapshotRefused);
          assert.match(String(error), "is not in the work tree of");
        },
      );
  }
});

test("a work tree of a bare repository is one", async () => {
  const bare = join(makeDirectory(), "bare.git");
  git(makeDirectory(), "clone", "-q", "--bare", repository({ a: "1" }), bare);
  const root = join(makeDirectory(), "tree");
  git(bare, "worktree", "add", "-q", root, "HEAD");
  assert.equal(types(await take(root)), { a: "file" });
});

test("a sparse checkout is what is on disk, with one warning", async () => {
  const root = repository({ "a/x": "1", "b/y": "2", "b/z": "3" });
  assert.equal((await take(root)).warnings, []);
  git(root, "sparse-checkout", "set", "--cone", "--sparse-index", "a");
  const taken = await take(root);
  assert.equal(types(taken), { "a/x": "file" });
  assert.is(taken.warnings.length, 1);
  assert.match(taken.warnings[0] ?? "", /is sparse: 2 of its tracked files.*git sparse-checkout disable/);
  writeFiles(root, { "b/y": "written anew" });
  assert.equal(types(await take(root)), { "a/x": "file", "b/y": "file" });
});

test("core.fileMode=false: a tracked file's executable bit is the index's, an untracked file has none", async () => {
  const root = repository({ tool: "1", plain: "2" }, "core.fileMode=false");
  git(root, "update-index", "--chmod=+x", "tool");
  writeFiles(root, { new: "3" });
  symlinkSync("plain", join(root, "link"));
  const expected = { link: "symlink", new: "file", plain: "file", tool: "executable" };
  assert.equal(types(await take(root)), expected);
  for (const name of ["plain", "new"]) makeExecutable(root, name);
  chmodSync(join(root, "tool"), 0o644);
  const taken = await take(root);
  assert.equal(types(taken), expected);
  assert.is(await content(taken, "tool"), "1");
  assert.is(await content(taken, "plain"), "2");
  assert.equal(types(await take(root)), expected);
  git(root, "config", "core.fileMode", "true");
  assert.equal(types(await take(root)), {
    link: "symlink",
    new: "executable",
    plain: "executable",
    tool: "file",
  });
});

test("core.fileMode of a submodule is its own, and of a user's configuration nobody's", async () => {
  const library = repository({ tool: "1" });
  const root = repository({ tool: "1" });
  git(root, "submodule", "add", "-q", library, "vendor");
  git(join(root, "vendor"), "config", "core.fileMode", "false");
  for (const path of ["tool", "vendor/tool"]) makeExecutable(root, path);
  assert.equal(types(await take(root)), { ".gitmodules": "file", tool: "executable", "vendor/tool": "file" });
});

test("core.symlinks=false: a symlink counts as the file that the checkout has, with a warning", async () => {
  const origin = repository({ plain: "1" });
  symlinkSync("plain", join(origin, "link"));
  git(origin, "add", "-A");
  git(origin, "commit", "-qm", "link");
  const root = join(makeDirectory(), "clone");
  git(origin, "clone", "-q", "-c", "core.symlinks=false", origin, root);
  const taken = await take(root);
  assert.equal(types(taken), { link: "file", plain: "file" });
  assert.is(await content(taken, "link"), "plain");
  assert.match(taken.warnings[0] ?? "", /core\.symlinks is false in .*: 1 of its tracked symlinks/);
});

test("line ends and filters: the bytes of the work tree count, not the repository's", async () => {
  const root = repository({ "unix.txt": "a\n" }, "core.autocrlf=true");
  rmSync(join(root, "unix.txt"));
  git(root, "checkout", "-q", "--", "unix.txt");
  assert.is(await content(await take(root), "unix.txt"), "a\r\n");
  const filtered = repository(
    { ".gitattributes": "*.up filter=up\n", "x.up": "UPPER" },
    "filter.up.clean=tr A-Z a-z",
  );
  assert.is(git(filtered, "show", "HEAD:x.up"), "upper");
  assert.is(await content(await take(filtered), "x.up"), "UPPER");
});

test("what the index is told to assume unchanged, and intends to add, is read from disk", async () => {
  const root = repository({ a: "1" });
  git(root, "update-index", "--assume-unchanged", "a");
  writeFiles(root, { a: "22", b: "3" });
  git(root, "add", "-N", "b");
  const taken = await take(root);
  assert.is(await content(taken, "a"), "22");
  assert.equal(Object.keys(types(taken)), ["a", "b"]);
});

test("settings of the repository that change what git prints change nothing", async () => {
  const settings = ["core.quotePath=true", "core.precomposeUnicode=true", "status.showUntrackedFiles=no"];
  const more = [
    "core.splitIndex=true",
    "core.untrackedCache=true",
    "submodule.recurse=true",
    "color.ui=always",
  ];
  const root = repository({ "\xc3\xa9": "1", "tab\t": "2" }, ...settings, ...more);
  writeFiles(root, { new: "3" });
  assert.equal(Object.keys(types(await take(root))), ["new", "tab\t", "\xc3\xa9"]);
});

test("a repository inside an ignored directory, and one that is tracked as a submodule without .gitmodules", async () => {
  const root = repository({ ".gitignore": "ignored/\n", a: "1" });
  for (const name of ["ignored/inner", "linked"]) {
    mkdirSync(join(root, name), { recursive: true });
    git(join(root, name), "init", "-q");
    writeFiles(root, { [`${name}/x`]: "1" });
    git(join(root, name), "add", "-A");
    git(join(root, name), "commit", "-qm", "inner");
  }
  git(root, "add", "linked");
  const taken = await take(root);
  assert.equal(Object.keys(types(taken)), [".gitignore", "a", "linked/x"]);
  assert.equal(
    taken.hashed.snapshot.leftOut.map(({ path }) => path as string),
    ["ignored/"],
  );
});

test.run();
