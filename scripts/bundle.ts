import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { helpFreeYargs } from "./help-free-yargs.ts";
import { importerBeside } from "./importer-beside.ts";

export const ROOT = resolve(import.meta.dirname, "..");

/**
 * Native code, a compiler that is loaded for TypeScript configurations only, what `init` alone reads, and the database of
 * `history` and `ui`, which has its WebAssembly in a file beside it.
 */
export const EXTERNAL = ["blake3", "jiti", "node-sqlite3-wasm", "yaml"];

/** What bundled CommonJS packages expect of their module. */
const COMMONJS = [
  `import { createRequire as createBundleRequire } from "node:module";`,
  `import { fileURLToPath as bundleFilePath } from "node:url";`,
  "const require = createBundleRequire(import.meta.url);",
  "const __filename = bundleFilePath(import.meta.url);",
].join("\n");

const FOR_ALL = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: "node",
  target: "node20.19",
  sourcemap: "linked",
  logLevel: "warning",
} as const satisfies BuildOptions;

/** How everything but the program is bundled for Node. */
export const FOR_NODE = {
  ...FOR_ALL,
  splitting: true,
  format: "esm",
  banner: { js: COMMONJS },
} as const satisfies BuildOptions;

/** Bundles into `out`, a directory right below ROOT, emptied first. */
export async function bundle(out: string): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  await Promise.all([bundleLibrary(out), bundleProgram(out)]);
  chmodSync(join(out, "cli.cjs"), 0o755);
  await keepCompiled(resolve(out, "program.cjs"));
}

/** The library, and the threads of both; what few of its functions need stays in chunks of its own. */
async function bundleLibrary(out: string): Promise<void> {
  await build({
    ...FOR_NODE,
    entryPoints: ["src/index.ts", "src/tree/hashing/hash-worker.ts", "src/tree/looking/look-worker.ts"],
    entryNames: "[name]",
    chunkNames: "chunk-[name]-[hash]",
    outdir: out,
    external: EXTERNAL,
    legalComments: "linked",
  });
}

const FOR_PROGRAM = {
  ...FOR_ALL,
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  define: {
    "import.meta.url": "BUNDLE_URL",
    "import.meta.dirname": "__dirname",
    "import.meta.resolve": "undefined",
  },
  banner: { js: `const BUNDLE_URL = require("node:url").pathToFileURL(__filename).href;` },
  legalComments: "linked",
} as const satisfies BuildOptions;

/**
 * The command line: `cli.cjs` launches `program.cjs`, one file, whose modules run when they are asked for. Opening a chunk
 * for each takes longer than V8 takes to load them all compiled.
 */
async function bundleProgram(out: string): Promise<void> {
  await build({
    ...FOR_PROGRAM,
    entryPoints: { cli: "src/launch.ts", "import-module": "src/system/import-module.ts" },
    outdir: out,
  });
  await build({
    ...FOR_PROGRAM,
    entryPoints: { program: "src/cli.ts" },
    outdir: out,
    external: EXTERNAL,
    plugins: [helpFreeYargs, importerBeside],
    // V8 fails to `import()` in what it kept compiled: what is not in the bundle is required.
    supported: { "dynamic-import": false },
  });
}

/** Keeps what V8 made of the program beside it, for the Node that runs this (scripts/warm.ts). */
async function keepCompiled(program: string): Promise<void> {
  const { outputFiles } = await build({
    ...FOR_ALL,
    format: "cjs",
    entryPoints: ["scripts/warm.ts"],
    sourcemap: false,
    write: false,
  });
  const place = mkdtempSync(join(tmpdir(), "pikaci-warm-"));
  try {
    writeFileSync(join(place, "pikaci.config.json"), `{ "jobs": { "a": { "command": ["true"] } } }`);
    // V8 lays out its tables by a seed: with one seed, nearly all builds are the same.
    execFileSync(process.execPath, ["--random-seed=1", "-", program], {
      input: outputFiles[0]?.text ?? "",
      cwd: place,
      env: { PATH: process.env["PATH"], HOME: place, XDG_CACHE_HOME: place },
      stdio: ["pipe", "ignore", "pipe"],
    });
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
