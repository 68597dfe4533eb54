import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const HELP = `npm run build -- [--out DIR]

Bundles the command line and the library into dist/, with type declarations. Host programs (src/host) and runner
templates (nix/) are not bundled: they lie beside dist/ in the package.

  --out DIR   default: dist, emptied first`;

const ROOT = resolve(import.meta.dirname, "..");

/** Native code, and a compiler that is loaded for TypeScript configurations only. */
const EXTERNAL = ["blake3", "jiti"];

/** What bundled CommonJS packages expect of their module. */
const COMMONJS = [
  `import { createRequire as createBundleRequire } from "node:module";`,
  `import { fileURLToPath as bundleFilePath } from "node:url";`,
  "const require = createBundleRequire(import.meta.url);",
  "const __filename = bundleFilePath(import.meta.url);",
].join("\n");

/** Bundles into \`out\`; what a command does not need stays in chunks of its own, beside the entry points. */
async function bundle(out: string): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: ["src/cli.ts", "src/index.ts", "src/io/hash-worker.ts", "src/io/look-worker.ts"],
    entryNames: "[name]",
    chunkNames: "chunk-[name]-[hash]",
    outdir: out,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: EXTERNAL,
    banner: { js: COMMONJS },
    sourcemap: "linked",
    legalComments: "linked",
    logLevel: "warning",
  });
  chmodSync(join(out, "cli.js"), 0o755);
}

function declare(out: string): void {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const words = ["--project", join(ROOT, "scripts/tsconfig.build.json"), "--outDir", out];
  execFileSync(process.execPath, [tsc, ...words], { stdio: "inherit" });
}

const { values } = parseArgs({ options: { out: { type: "string" }, help: { type: "boolean", short: "h" } } });
if (values.help) {
  console.log(HELP);
} else {
  const out = resolve(values.out ?? join(ROOT, "dist"));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await bundle(out);
  declare(out);
  console.log(`built ${out}`);
}
