import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toPath } from "../../../src/core/byte-path.ts";
import type { SnapshotEntry } from "../../../src/core/snapshot.ts";
import { hashPath } from "../../../src/nix/hash-path.ts";
import { makeBatches, workersFor } from "../../../src/tree/hashing/hash-pool.ts";
import { makeContext, makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";

const test = suite("hash pool");
test.after(removeWorkspaces);

const entries = (count: number, size: number): SnapshotEntry[] =>
  Array.from({ length: count }, (_, index) => ({ path: toPath(`f${index}`), type: "file", size, stat: "" }));

const decisions: [count: number, size: number, cores: number, workers: number][] = [
  [0, 0, 4, 0],
  [1000, 1000, 4, 0],
  [100_000, 1000, 2, 2],
  [100_000, 1000, 64, 8],
  [100_000, 1000, 1, 0],
  [1, 2 ** 31, 4, 4],
];

for (const [count, size, cores, workers] of decisions)
  test(`${count} files of ${size} bytes on ${cores} cores: ${workers} workers`, () => {
    assert.is(workersFor(entries(count, size), cores), workers);
  });

test("batches hold every entry once, in order, of bounded count and bytes", () => {
  const all = [...entries(1201, 10), ...entries(3, 40 << 20)];
  const batches = makeBatches(all);
  assert.equal(batches.flat(), all);
  assert.equal(
    batches.map((batch) => batch.length),
    [500, 500, 202, 1, 1],
  );
  assert.equal(makeBatches([]), []);
});

test("bundled, the workers run beside the bundle under plain node", async () => {
  const home = makeDirectory();
  symlinkSync(resolve("node_modules"), join(home, "node_modules"));
  await build({
    entryPoints: { pool: "src/tree/hashing/hash-pool.ts", "hash-worker": "src/tree/hashing/hash-worker.ts" },
    outdir: join(home, "dist"),
    bundle: true,
    platform: "node",
    format: "esm",
  });
  const root = makeDirectory();
  const names = Array.from({ length: 600 }, (_, index) => [`f${index}`, `${index}`]);
  writeFiles(root, Object.fromEntries(names));
  const { hashed } = await hashPath(root, makeContext());
  writeFiles(home, {
    "package.json": '{"type":"module"}',
    "input.json": JSON.stringify({ root, entries: hashed.entries }),
  });
  const script = `
    import { readFileSync } from "node:fs";
    import { hashEntries } from "./dist/pool.js";
    const { root, entries } = JSON.parse(readFileSync("input.json", "utf8"));
    const bare = entries.map(({ digest, ...entry }) => entry);
    const done = await hashEntries(root, bare, { signal: new AbortController().signal }, { workers: 2 });
    console.log(JSON.stringify(done.map(({ digest }) => digest)));`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: home,
    encoding: "utf8",
  });
  assert.equal(
    JSON.parse(said),
    hashed.entries.map(({ digest }) => digest),
  );
});

test.run();
