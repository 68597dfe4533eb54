import { chmodSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";

export const ROOT = resolve(import.meta.dirname, "..");

/** Native code, and a compiler that is loaded for TypeScript configurations only. */
export const EXTERNAL = ["blake3", "jiti"];

/** What bundled CommonJS packages expect of their module. */
const COMMONJS = [
  `import { createRequire as createBundleRequire } from "node:module";`,
  `import { fileURLToPath as bundleFilePath } from "node:url";`,
  "const require = createBundleRequire(import.meta.url);",
  "const __filename = bundleFilePath(import.meta.url);",
].join("\n");

/** How everything is bundled for Node. */
export const FOR_NODE = {
  absWorkingDir: ROOT,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  banner: { js: COMMONJS },
  sourcemap: "linked",
  logLevel: "warning",
} as const satisfies BuildOptions;

/** Bundles into `out`, a directory right below ROOT, emptied first; what few commands need stays in chunks of its own. */
export async function bundle(out: string): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  await build({
    ...FOR_NODE,
    entryPoints: [
      "src/cli.ts",
      "src/index.ts",
      "src/tree/hashing/hash-worker.ts",
      "src/tree/looking/look-worker.ts",
    ],
    entryNames: "[name]",
    chunkNames: "chunk-[name]-[hash]",
    outdir: out,
    external: EXTERNAL,
    legalComments: "linked",
  });
  chmodSync(join(out, "cli.js"), 0o755);
}
