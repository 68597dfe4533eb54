// time-limit: 180
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lutimesSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Context } from "../../../src/core/context.ts";
import { hashPath } from "../../../src/nix/hash-path.ts";
import { makeContext, makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";

const test = suite("stat cache");
test.after(removeWorkspaces);

/** Longer than `isSettled` waits for the clock's tick. */
const settle = () => sleep(80);

const withCache = async (root: string, context: Context) => (await hashPath(root, context)).hashed;
const without = async (root: string) => (await hashPath(root, makeContext(), { cache: "none" })).hashed;

/** The hash with the cache, after it was found to be the one without. */
async function checked(root: string, context: Context): Promise<{ contentHash: string; filesRead: number }> {
  const [cached, plain] = [await withCache(root, context), await without(root)];
  assert.is(cached.contentHash, plain.contentHash);
  assert.equal(cached.entries, plain.entries);
  assert.ok(cached.manifest.equals(plain.manifest));
  return cached;
}

async function settledTree(): Promise<{ root: string; context: ReturnType<typeof makeContext> }> {
  const root = makeDirectory();
  writeFiles(root, { a: "1", "d/b": "2", "d/non\xff\n": "3", empty: "" });
  symlinkSync("a", join(root, "link"));
  await settle();
  return { root, context: makeContext() };
}

const cacheFile = ({ memory: { directory } }: Context) => {
  const [name] = readdirSync(directory ?? "").filter((file) => file.startsWith("stat-"));
  return join(directory ?? "", name ?? "");
};

test("an unchanged tree is not read, links neither; the cache is not written again", async () => {
  const { root, context } = await settledTree();
  assert.is((await checked(root, context)).filesRead, 5);
  const before = statSync(cacheFile(context), { bigint: true });
  assert.is((await checked(root, context)).filesRead, 0);
  assert.is(statSync(cacheFile(context), { bigint: true }).ino, before.ino);
});

const edits: [what: string, edit: (root: string) => void, filesRead: number][] = [
  ["content of another size", (root) => appendFileSync(join(root, "a"), "x"), 1],
  ["content of the same size", (root) => writeFileSync(join(root, "a"), "9"), 1],
  ["a file replaced by another", (root) => renameSync(join(root, "d/b"), join(root, "a")), 1],
  ["the executable bit", (root) => chmodSync(join(root, "a"), 0o755), 1],
  ["a new file", (root) => writeFileSync(join(root, "d/aa"), ""), 1],
  ["a removed file", (root) => rmSync(join(root, "a")), 0],
  ["a removed directory", (root) => rmSync(join(root, "d"), { recursive: true }), 0],
  ["a file that became a link", (root) => swapForLink(join(root, "a")), 1],
  ["nothing but a touch", (root) => utimesSync(join(root, "a"), 5, 5), 1],
];

function swapForLink(path: string): void {
  rmSync(path);
  symlinkSync("1", path);
}

for (const [what, edit, filesRead] of edits)
  test(`${what}: only that is read, once`, async () => {
    const { root, context } = await settledTree();
    await withCache(root, context);
    edit(root);
    await settle();
    assert.is((await checked(root, context)).filesRead, filesRead);
    assert.is((await checked(root, context)).filesRead, 0);
  });

test("same size and mtime set back are seen, in the tick of the first hash as well as later", async () => {
  const root = makeDirectory();
  const path = join(root, "racy");
  const context = makeContext();
  for (let round = 0; round < 60; round += 1) {
    if (round % 5 === 0) await settle();
    writeFileSync(path, String(1000 + round));
    utimesSync(path, 1_600_000_000, 1_600_000_000);
    await checked(root, context);
    writeFileSync(path, String(2000 + round));
    utimesSync(path, 1_600_000_000, 1_600_000_000);
    await checked(root, context);
  }
});

test("a file that may still change without a trace is read again, until it cannot", async () => {
  const { root, context } = await settledTree();
  await withCache(root, context);
  const young = join(root, "young");
  writeFileSync(young, "x");
  utimesSync(young, 4_000_000_000, 4_000_000_000);
  await settle();
  assert.is((await checked(root, context)).filesRead, 1);
  assert.is((await checked(root, context)).filesRead, 1);
  utimesSync(young, 1_600_000_000, 1_600_000_000);
  await settle();
  assert.is((await checked(root, context)).filesRead, 1);
  assert.is((await checked(root, context)).filesRead, 0);
});

const damages: [what: string, damage: (path: string) => void][] = [
  ["cut off", (path) => truncateSync(path, statSync(path).size - 1)],
  ["cut off in its first line", (path) => truncateSync(path, 9)],
  ["emptied", (path) => truncateSync(path, 0)],
  ["longer", (path) => appendFileSync(path, "\0")],
  ["one bit off in a digest", (path) => flip(path, -100)],
  ["one bit off in its version", (path) => flip(path, 14)],
  ["of another format", (path) => rewrite(path, /stat \d/, "stat 0")],
  ["of another manifest format", (path) => rewrite(path, /pikaci-manifest\/\d/, "pikaci-manifest/0")],
  ["a directory", replaceByDirectory],
];

function replaceByDirectory(path: string): void {
  rmSync(path);
  writeFiles(path, { x: "" });
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function rewrite(path: string, pattern: RegExp, by: string): void {
  writeFileSync(path, readFileSync(path, "latin1").replace(pattern, by), "latin1");
}

for (const [what, damage] of damages)
  test(`a cache that is ${what} is thrown away`, async () => {
    const { root, context } = await settledTree();
    await withCache(root, context);
    damage(cacheFile(context));
    assert.is((await checked(root, context)).filesRead, 5);
  });

test("caches are kept apart by path, and only the newest of many are kept", async () => {
  const { root, context } = await settledTree();
  await withCache(join(root, "d"), context);
  await withCache(root, context);
  assert.is((await withCache(join(root, "d"), context)).filesRead, 0);
  const trees = Array.from({ length: 40 }, (_, index) => `many/${index}/x`);
  writeFiles(root, Object.fromEntries(trees.map((path) => [path, path])));
  await settle();
  for (const path of trees) await withCache(join(root, path), context);
  assert.is(
    readdirSync(context.memory.directory ?? "").filter((name) => name.startsWith("stat-")).length,
    32,
  );
  assert.is((await withCache(join(root, trees[39] ?? ""), context)).filesRead, 0);
});

test("a cache that cannot be written is a warning that says why, once a hash", async () => {
  const { root } = await settledTree();
  const context = { ...makeContext(), stateDir: join(root, "a/.pikaci") };
  const { contentHash } = await withCache(root, context);
  assert.is(contentHash, (await without(root)).contentHash);
  assert.is(context.events.length, 1);
  assert.match(JSON.stringify(context.events), /"warning".*unchanged files will be read again.*ENOTDIR/);
});

test("two processes at once: each is right, and so is the cache they leave", async () => {
  const { root, context } = await settledTree();
  const script = `
    import { readFileSync } from "node:fs";
    import { blake3Hex } from ${JSON.stringify(resolve("src/system/blake3.ts"))};
    import { inspect } from ${JSON.stringify(resolve("src/system/files.ts"))};
    import { hashPath } from ${JSON.stringify(resolve("src/nix/hash-path.ts"))};
    const root = ${JSON.stringify(root)};
    const context = { emit(event) { throw new Error(JSON.stringify(event)); }, clock: () => new Date(), env: {},
      signal: new AbortController().signal, stateDir: ${JSON.stringify(context.stateDir)},
      memory: { directory: ${JSON.stringify(context.memory.directory)} } };
    let seen = 0;
    for (let round = 0; round < 80; round += 1) {
      const { hashed } = await hashPath(root, context, round % 3 ? {} : { cache: "renew" });
      const { stat, digest } = hashed.entries.find(({ path }) => path === "d/b");
      const now = blake3Hex(readFileSync(root + "/d/b"));
      if (inspect(root, "d/b").stat !== stat) continue;
      if (now !== digest) throw new Error("the cache is wrong");
      seen += 1;
    }
    if (seen === 0) throw new Error("the file never held still");`;
  const words = ["--import", "tsx", "--input-type=module", "-e", script];
  const children = [1, 2].map(() => spawn(process.execPath, words, { stdio: ["ignore", "ignore", "pipe"] }));
  const ended = Promise.all(children.map(outcome));
  let running = true;
  void ended.finally(() => {
    running = false;
  });
  for (let round = 0; running; round += 1) {
    writeFileSync(join(root, "d/b"), String(round % 10));
    await sleep(40);
  }
  assert.equal(await ended, ["0 ", "0 "]);
  await settle();
  await checked(root, context);
  assert.is((await checked(root, context)).filesRead, 0);
});

async function outcome(child: ReturnType<typeof spawn>): Promise<string> {
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, "close");
  return `${code} ${said}`;
}

const names = ["a", "b/c", "b/d", "e\n", "f\xff"];
const edit = fc.record({
  name: fc.constantFrom(...names),
  action: fc.constantFrom("write", "remove", "chmod", "touch", "link", "again"),
  text: fc.string({ maxLength: 3 }),
});

test("random edits: the hash with the cache is the hash without", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(edit, { maxLength: 5 }), fc.boolean()), { maxLength: 5 }),
      (rounds) => follow(rounds),
    ),
    { numRuns: 40 },
  );
});

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

async function follow(rounds: readonly (readonly [readonly Edit[], boolean])[]): Promise<void> {
  const root = makeDirectory();
  const context = makeContext();
  for (const [batch, wait] of rounds) {
    for (const one of batch) apply(root, one);
    if (wait) await settle();
    await checked(root, context);
  }
}

function apply(root: string, { name, action, text }: Edit): void {
  const path = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, "latin1")]);
  // A link to itself is there and leads nowhere.
  const isThere = existsSync(path);
  if (action === "write" || action === "again") {
    rmSync(path, { force: true });
    writeFiles(root, { [name]: text });
  }
  if (action === "again" || (action === "touch" && isThere)) lutimesSync(path, 1_600_000_000, 1_600_000_000);
  if (action === "chmod" && isThere) chmodSync(path, text.length % 2 === 0 ? 0o644 : 0o755);
  if (action === "remove" || action === "link") rmSync(path, { force: true });
  if (action === "link" && !name.includes("/")) symlinkSync(text.replace(/\0/g, "") || "x", path);
}

test.run();
