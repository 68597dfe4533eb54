import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { EXTERNAL, FOR_NODE, ROOT } from "../bundle.ts";
import { ownDirectory } from "./own-directory.ts";

/** Programs of their own, or packages that look for their files. */
const UNBUNDLED = [...EXTERNAL, "esbuild", "playwright-core", "tsx", "typescript"];

/**
 * Compiles test files (paths from ROOT) with all that they import, because a compiled file starts in a quarter of the
 * time. Each module still finds its own place where its source lies. Gives each file's compiled one.
 */
export async function compileSuites(files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const out = ownDirectory("suites");
  await build({
    ...FOR_NODE,
    entryPoints: [...files],
    outbase: ROOT,
    outdir: out,
    external: UNBUNDLED,
    define: {
      "import.meta.url": "SOURCE_URL",
      "import.meta.dirname": "SOURCE_DIRNAME",
      "import.meta.filename": "SOURCE_FILENAME",
    },
    plugins: [inPlace],
    legalComments: "none",
  });
  return new Map(files.map((file) => [file, join(out, file.replace(/\.ts$/, ".js"))]));
}

/** Gives every module that asks for its place the constants that `define` writes for `import.meta`. */
const inPlace: Plugin = {
  name: "in-place",
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|m?js)$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      if (!source.includes("import.meta.")) return undefined;
      const constants = {
        SOURCE_URL: pathToFileURL(path).href,
        SOURCE_DIRNAME: dirname(path),
        SOURCE_FILENAME: path,
      };
      const declared = Object.entries(constants).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
      return {
        contents: `const ${declared.join(", ")}; ${source}`,
        loader: path.endsWith(".ts") ? "ts" : "js",
      };
    });
  },
};
