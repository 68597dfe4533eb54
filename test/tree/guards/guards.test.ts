import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Memory } from "../../../src/core/context.ts";
import { SnapshotRefused } from "../../../src/core/errors.ts";
import type { HashedSnapshot, SnapshotFilters } from "../../../src/core/snapshot.ts";
import { hashPath } from "../../../src/nix/hash-path.ts";
import { hash } from "../../../src/tree/hash.ts";
import type { HashTreeOptions } from "../../../src/tree/hashing/hash-tree.ts";
import { snapshot } from "../../../src/tree/snapshot.ts";
import {
  git,
  makeContext,
  makeDirectory,
  makeMemory,
  rejection,
  removeWorkspaces,
  writeFiles,
} from "../../workspace.ts";

const test = suite("guards in the stages");
test.after(removeWorkspaces);

const token = `x = "gh${"p"}_k3Vw8ZtQ1bYpL6sRf0HcXj9NdG2mUaE7TqPo"\n`;

function repository(files: Readonly<Record<string, string>>): string {
  const root = makeDirectory();
  git(root, "init", "-q");
  writeFiles(root, files);
  git(root, "add", "-A");
  git(root, "commit", "-q", "--allow-empty", "-m", "first");
  return root;
}

const memories = new Map<string, Memory>();

/** What is remembered of a tree, the same from one snapshot of it to the next. */
function memoryOf(root: string): Memory {
  const memory = memories.get(root) ?? makeMemory();
  memories.set(root, memory);
  return memory;
}

async function take(
  root: string,
  filters: Partial<SnapshotFilters> = {},
  options: HashTreeOptions = {},
): Promise<HashedSnapshot> {
  const context = { ...makeContext(), stateDir: join(root, ".pikaci"), memory: memoryOf(root) };
  const all = { include: [], exclude: [], ...filters };
  return hash(await snapshot({ workspace: root, filters: all }, context), context, options);
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await rejection(promise);
  assert.instance(error, SnapshotRefused, String(error));
  return error instanceof SnapshotRefused ? error.message : "";
}

const paths = ({ entries }: HashedSnapshot) => entries.map(({ path }) => path as string);

for (const workers of [0, 2])
  test(`a token in a tracked and in an untracked file is refused by name, with ${workers} workers`, async () => {
    const root = repository({ "src/a.ts": `\n${token}`, b: "fine", c: "fine" });
    writeFiles(root, { "new\n.ts": token });
    const message = await refusal(take(root, {}, { workers }));
    assert.match(
      message,
      /^ {2}new\\x0a\.ts:1: github-token, a GitHub token\n {2}src\/a\.ts:2: github-token/m,
    );
  });

test("a name that holds secrets is refused, tracked or not; a link of that name is none", async () => {
  const tracked = repository({ ".env": "A=1" });
  assert.match(await refusal(take(tracked)), /^ {2}\.env: env-file, /m);
  const root = repository({ a: "1" });
  writeFiles(root, { "deploy/id_rsa": "x" });
  assert.match(await refusal(take(root)), /deploy\/id_rsa: private-key-file/);
  rmSync(join(root, "deploy"), { recursive: true });
  symlinkSync("/run/secrets/env", join(root, ".env"));
  assert.equal(paths(await take(root)), [".env", "a"]);
});

test("what git ignores or a filter leaves out is not looked at", async () => {
  const root = repository({ ".gitignore": ".env\nlocal/\n", a: "1" });
  writeFiles(root, { ".env": "A=1", "local/x": token, "out/y": token });
  assert.equal(paths(await take(root, { exclude: ["out"] })), [".gitignore", "a"]);
});

test("a file larger than the limit is refused before it is read; the limit is the configuration's", async () => {
  const root = repository({ a: "1" });
  writeFiles(root, { large: "" });
  truncateSync(join(root, "large"), 4_000_000_000_000);
  assert.match(await refusal(take(root)), /large: large-file, larger than `snapshot\.maxFileSize`/);
  truncateSync(join(root, "large"), 101);
  assert.match(await refusal(take(root, { maxFileSize: 100 })), /large: large-file/);
  assert.equal(paths(await take(root, { maxFileSize: 101 })), ["a", "large"]);
  const allow = [{ rule: "large-file", paths: ["lar*"] }] as const;
  assert.equal(paths(await take(root, { maxFileSize: 100, allow })), ["a", "large"]);
});

test("allowed once, refused again when it no longer is: no cache says that it is clean", async () => {
  const root = repository({ "test/key.ts": token, a: "1" });
  const old = new Date(Date.now() - 3_600_000);
  for (const name of ["a", "test/key.ts"]) utimesSync(join(root, name), old, old);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const allow = [{ rule: "github-token", paths: ["test/**"] }] as const;
  await take(root, { allow });
  assert.is((await take(root, { allow })).filesRead, 1);
  assert.match(await refusal(take(root)), /test\/key\.ts:1: github-token/);
  await hashPath(join(root, "test"), {
    ...makeContext(),
    stateDir: join(root, ".pikaci"),
    memory: memoryOf(root),
  });
  assert.match(await refusal(take(join(root))), /test\/key\.ts:1: github-token/);
});

test("a tree that was refused reads only the file in question again", async () => {
  const root = repository({ a: "1", b: "2", c: token });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await refusal(take(root));
  await refusal(take(root));
  writeFiles(root, { c: "clean now" });
  assert.is((await take(root)).filesRead, 1);
});

test("git-ignored files never leave the machine, unless they are tracked all the same", async () => {
  const root = repository({ "kept/tracked": "1", "late.log": "2" });
  writeFiles(root, {
    ".gitignore": "kept/\n*.log\nforced\n",
    "kept/untracked": "3",
    "new.log": "4",
    forced: "5",
  });
  git(root, "add", "-f", "forced");
  assert.equal(paths(await take(root)), [".gitignore", "forced", "kept/tracked", "late.log"]);
  git(root, "rm", "-q", "--cached", "late.log", "forced");
  assert.equal(paths(await take(root)), [".gitignore", "kept/tracked"]);
  writeFiles(root, { "kept/.gitignore": "!untracked\n", ".git/info/exclude": "kept/tracked2\n" });
  assert.equal(paths(await take(root)), [".gitignore", "kept/tracked"]);
});

test("a client path is named by the configuration: git and guards have no say", async () => {
  const root = repository({ ".gitignore": "deps\n" });
  mkdirSync(join(root, "deps"));
  writeFiles(root, { "deps/.env": "A=1", "deps/x.ts": token });
  const { hashed } = await hashPath(join(root, "deps"), makeContext());
  assert.equal(paths(hashed), [".env", "x.ts"]);
  assert.equal(paths(await take(root)), [".gitignore"]);
});

test("this repository's own tree passes", async () => {
  const context = { ...makeContext(), stateDir: makeDirectory() };
  const filters = { include: [], exclude: [] };
  const hashed = await hash(await snapshot({ workspace: process.cwd(), filters }, context), context);
  assert.ok(hashed.entries.some(({ path }) => path === "test/tree/guards/guards.test.ts"));
  assert.ok(readFileSync("test/tree/guards/guards.test.ts").length > 0);
});

test.run();
