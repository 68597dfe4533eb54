// time-limit: 180
// exhaustive: ten times as many random trees

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toPath } from "../../src/core/byte-path.ts";
import type { Context } from "../../src/core/context.ts";
import { PikaciError, SnapshotRefused } from "../../src/core/errors.ts";
import type { Snapshot } from "../../src/core/snapshot.ts";
import { lookAll } from "../../src/tree/looking/look.ts";
import { snapshot } from "../../src/tree/snapshot.ts";
import { samples } from "../exhaustive.ts";
import { git, makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("what a snapshot remembers");
test.after(removeWorkspaces);

/** Longer than `isSettled` waits for the clock's tick. */
const settle = () => sleep(80);

const take = (workspace: string, context: Context) =>
  snapshot({ workspace, filters: { include: [], exclude: [] } }, context);

/** With what was remembered, after it was found to be what a first snapshot is. */
async function checked(root: string, context: Context): Promise<Snapshot> {
  const taken = await take(root, context);
  assert.equal(taken, await take(root, makeContext()));
  return taken;
}

async function repository(): Promise<{ root: string; context: Context }> {
  const root = makeDirectory();
  git(root, "init", "-q");
  writeFiles(root, { ".gitignore": "/out/\n*.o\n", a: "1", "d/b": "2", "d/e/f/c": "3", "out/x": "" });
  git(root, "add", ".");
  git(root, "commit", "-qm", "first");
  await settle();
  const context = makeContext();
  await checked(root, context);
  const kept = readdirSync(context.memory.directory ?? "").map((name) => name.replace(/-.*/, ""));
  assert.equal(kept.sort(), ["directories", "dirt"]);
  await checked(root, context);
  return { root, context };
}

const special = (root: string, path: string) => execFileSync("mkfifo", [join(root, path)]);

for (const where of ["pipe", "d/e/pipe", "d/e/f/pipe"])
  test(`a FIFO that appears as ${where} is refused, once it is gone all is well`, async () => {
    const { root, context } = await repository();
    special(root, where);
    await settle();
    for (let round = 0; round < 2; round += 1) {
      const error = await rejection(take(root, context));
      assert.instance(error, SnapshotRefused);
      assert.ok(String(error).includes(`"${where}" is a socket, FIFO or device`));
    }
    rmSync(join(root, where));
    await checked(root, context);
  });

test("a FIFO in a directory that git no longer ignores is refused", async () => {
  const { root, context } = await repository();
  special(root, "out/pipe");
  await settle();
  await checked(root, context);
  writeFileSync(join(root, ".gitignore"), "*.o\n");
  assert.match(String(await rejection(take(root, context))), /"out\/pipe" is a socket/);
});

test("a directory that became a link hides what is tracked below it", async () => {
  const { root, context } = await repository();
  renameSync(join(root, "d"), join(root, "moved"));
  symlinkSync("moved", join(root, "d"));
  const paths = (await checked(root, context)).entries.map(({ path }) => path as string);
  assert.equal(paths, [".gitignore", "a", "d", "moved/b", "moved/e/f/c"]);
});

function stage(root: string): void {
  writeFileSync(join(root, "a"), "9");
  git(root, "add", "a");
}

test("dirt: each way to make a clean work tree dirty, and back", async () => {
  const { root, context } = await repository();
  const dirty = async () => (await checked(root, context)).source.git_dirty;
  const steps: [what: string, step: () => unknown, dirty: boolean][] = [
    ["unchanged", () => {}, false],
    ["edited", () => writeFileSync(join(root, "a"), "9"), true],
    ["restored", () => git(root, "checkout", "--", "a"), false],
    ["touched", () => writeFileSync(join(root, "a"), "1"), false],
    ["staged", () => stage(root), true],
    ["committed", () => git(root, "commit", "-qm", "second"), false],
    ["HEAD moved", () => git(root, "reset", "-q", "--soft", "HEAD~"), true],
    ["HEAD moved back", () => git(root, "reset", "-q", "--soft", "HEAD@{1}"), false],
    ["removed", () => rmSync(join(root, "d/b")), true],
    ["assumed unchanged", () => git(root, "update-index", "--assume-unchanged", "d/b"), false],
    ["no longer", () => git(root, "update-index", "--no-assume-unchanged", "d/b"), true],
    ["restored again", () => git(root, "checkout", "--", "d/b"), false],
    ["untracked", () => writeFileSync(join(root, "new"), ""), true],
    ["ignored", () => renameSync(join(root, "new"), join(root, "new.o")), false],
    ["mode", () => execFileSync("chmod", ["+x", join(root, "a")]), true],
    ["modes do not count", () => git(root, "config", "core.fileMode", "false"), false],
  ];
  for (const [what, step, expected] of steps) {
    step();
    assert.is(await dirty(), expected, what);
    await settle();
    assert.is(await dirty(), expected, `${what}, later`);
  }
});

test("a look in several threads finds what one finds, errors included", async () => {
  const root = makeDirectory();
  const names = Array.from({ length: 3000 }, (_, index) => `d${index % 9}/f${index}`);
  writeFiles(root, Object.fromEntries(names.map((name) => [name, name])));
  writeFiles(root, { "non\xff": "x" });
  symlinkSync("d1", join(root, "link"));
  const paths = [...names, "gone", "non\xff", "link", "d1", "link/f1", "non/x"].map(toPath);
  const look = async (workers: number) =>
    (await lookAll(root, paths, makeContext(), { workers }))(() => true);
  const here = await look(0);
  assert.is(here.length, 3004);
  assert.equal(await look(2), here);
  const tooLong = toPath("x".repeat(300));
  for (const workers of [0, 1]) {
    const looked = await lookAll(root, [tooLong], makeContext(), { workers });
    assert.equal(
      looked(() => false),
      [],
    );
    assert.throws(
      () => looked(() => true),
      (error: unknown) => error instanceof PikaciError,
    );
  }
});

const step = fc.record({
  path: fc.constantFrom("a", "d/b", "d/e/f/c", "new/x", "out/y", "z.o", ".gitignore", "d/.gitignore"),
  action: fc.constantFrom("write", "write", "remove", "mkdir", "link", "add", "commit", "ignore"),
});

test("random edits and commits: with what was remembered, as the first time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(step, fc.boolean()), { minLength: 4, maxLength: 10 }),
      async (steps) => {
        const { root, context } = await repository();
        for (const [one, wait] of steps) {
          apply(root, one);
          if (wait) await settle();
          await checked(root, context);
        }
      },
    ),
    { numRuns: samples(5) },
  );
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function apply(root: string, { path, action }: Step): void {
  if (action === "add") git(root, "add", "-A");
  if (action === "commit") git(root, "commit", "-q", "--allow-empty", "-am", "more");
  if (action === "ignore") {
    rmSync(join(root, ".gitignore"), { recursive: true, force: true });
    writeFileSync(join(root, ".gitignore"), `/${path.split("/")[0]}\n`);
  }
  if (!["write", "remove", "mkdir", "link"].includes(action)) return;
  for (let end = path.indexOf("/"); end > 0; end = path.indexOf("/", end + 1))
    makeReal(root, path.slice(0, end));
  rmSync(join(root, path), { recursive: true, force: true });
  if (action === "write") writeFiles(root, { [path]: path.endsWith("ignore") ? "x\n" : path });
  if (action === "mkdir") mkdirSync(join(root, path, "sub"), { recursive: true });
  if (action === "link") symlinkSync("d", join(root, path));
}

/** A parent that an earlier step made a file or a link is a directory again. */
function makeReal(root: string, path: string): void {
  try {
    execFileSync("test", ["-d", join(root, path), "-a", "!", "-L", join(root, path)]);
  } catch {
    rmSync(join(root, path), { recursive: true, force: true });
    mkdirSync(join(root, path));
  }
}

test.run();
