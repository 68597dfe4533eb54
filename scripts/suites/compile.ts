import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { EXTERNAL, FOR_NODE, ROOT } from "../bundle.ts";
import { ownDirectory } from "./own-directory.ts";

/** Programs of their own, or packages that look for their files. */
const UNBUNDLED = [...EXTERNAL, "esbuild", "playwright-core", "tsx", "typescript"];

/** Modules of threads, which src/system/worker.ts finds beside its own compiled file by their names alone. */
const WORKERS = ["src/tree/hashing/hash-worker.ts", "src/tree/looking/look-worker.ts"];
const WORKER_STARTER = join(ROOT, "src/system/worker.ts");

/**
 * Compiles test files (paths from ROOT) with all that they import, because a compiled file starts in a quarter of the
 * time. Each module still finds its own place where its source lies. Gives the directory of what was compiled, where each file
 * has the path that it has from ROOT (`compiledIn`).
 */
export async function compileSuites(files: readonly string[]): Promise<string> {
  const out = ownDirectory("suites");
  await build({
    ...FOR_NODE,
    entryPoints: [...files, ...WORKERS].map((file) => ({ in: file, out: outOf(file) })),
    outbase: ROOT,
    outdir: out,
    external: UNBUNDLED,
    define: {
      "import.meta.url": "SOURCE_URL",
      "import.meta.dirname": "SOURCE_DIRNAME",
      "import.meta.filename": "SOURCE_FILENAME",
    },
    plugins: [inPlace(out)],
    legalComments: "none",
  });
  return out;
}

function outOf(file: string): string {
  return WORKERS.includes(file) ? basename(file, ".ts") : file.replace(/\.ts$/, "");
}

/** Gives every module that asks for its place the constants that `define` writes for `import.meta`. */
const inPlace = (out: string): Plugin => ({
  name: "in-place",
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|m?js)$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      if (!source.includes("import.meta.")) return undefined;
      const place = path === WORKER_STARTER ? join(out, "worker.js") : path;
      const constants = {
        SOURCE_URL: pathToFileURL(place).href,
        SOURCE_DIRNAME: dirname(place),
        SOURCE_FILENAME: place,
      };
      const declared = Object.entries(constants).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
      return {
        contents: `const ${declared.join(", ")}; ${source}`,
        loader: path.endsWith(".ts") ? "ts" : "js",
      };
    });
  },
});
