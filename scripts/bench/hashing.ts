import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { compared, load, median, medians, type Times, timed } from "./median.ts";
import { makeTree, shapes, type TreeShape } from "./trees.ts";
import { benchUnchanged } from "./unchanged.ts";

const ROUNDS = 5;

/** Snapshots of a known tree against `git status`, cold hashes against b3sum and sha256sum; ratios of one run. */
export async function benchHashing(trees: readonly string[]): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "pikaci-bench-"));
  try {
    const programs = await bundle(home);
    for (const shape of shapes.filter(({ name }) => trees.length === 0 || trees.includes(name))) {
      const root = join(home, shape.name);
      mkdirSync(root);
      makeTree(root, shape);
      report("snapshot", await benchUnchanged(shape, root, { ...programs, home, rounds: ROUNDS }));
      report("cold hash, content in the page cache", [benchCold(shape, root, programs)]);
      rmSync(root, { recursive: true });
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function report(what: string, rows: readonly object[]): void {
  console.log(`${what}: milliseconds, medians of ${ROUNDS}, ${availableParallelism()} cores, load ${load()}`);
  console.table(rows);
}

interface Programs {
  readonly cli: string;
  readonly child: string;
}

/** What is shipped, bundled as `npm run build` does, and the programs that measure. */
async function bundle(home: string): Promise<Programs> {
  const out = join(home, "dist");
  symlinkSync(resolve("node_modules"), join(home, "node_modules"));
  symlinkSync(resolve("package.json"), join(home, "package.json"));
  execFileSync(process.execPath, ["--import", "tsx", "scripts/build.ts", "--out", out], { stdio: "ignore" });
  await build({
    entryPoints: { child: "scripts/bench/hash-child.ts" },
    outdir: out,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    external: ["blake3"],
    outExtension: { ".js": ".mjs" },
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
  });
  return { cli: join(out, "cli.cjs"), child: join(out, "child.mjs") };
}

interface Stages {
  /** Of the hash stage alone. */
  readonly hash: Times;
  readonly maxRssMb: number;
}

/** The hash stage by itself, in a process of its own: starting Node is not hashing. */
function benchCold({ name, files }: TreeShape, root: string, { child }: Programs): object {
  const names = execFileSync("git", ["ls-files", "-z"], { cwd: root, maxBuffer: 1 << 30 });
  const cores = availableParallelism();
  const batch = String(Math.max(1, Math.ceil(files / cores / 4)));
  const onAllCores = (...program: string[]) =>
    timed(["xargs", "-0", "-P", String(cores), "-n", batch, ...program], { cwd: root, input: names });
  const stages: Stages[] = [];
  const times = medians(
    {
      b3sum: () => timed(["xargs", "-0", "b3sum"], { cwd: root, input: names }),
      "b3sum, all cores": () => onAllCores("b3sum", "--num-threads", "1"),
      "sha256sum, all cores": () => onAllCores("sha256sum"),
      pikaci: () => {
        const stage = hashCold(child, root);
        stages.push(stage);
        return stage.hash;
      },
    },
    ROUNDS,
  );
  const best = times.b3sum.wall < times["b3sum, all cores"].wall ? "b3sum" : "b3sum, all cores";
  return {
    tree: name,
    files,
    ...compared(times, "pikaci", best),
    aim: name === "large" ? "1.25" : "1.5",
    MB: median(stages.map(({ maxRssMb }) => maxRssMb)),
  };
}

function hashCold(child: string, root: string): Stages {
  return JSON.parse(execFileSync(process.execPath, [child, root], { encoding: "utf8" }));
}
