import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bundle, ROOT } from "./bundle.ts";

const HELP = `npm run build -- [--out DIR]

Bundles the command line and the library into dist/, with type declarations. Host programs (src/host) and runner
templates (nix/) are not bundled: they lie beside dist/ in the package.

  --out DIR   default: dist, emptied first`;

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
  await bundle(out);
  declare(out);
  console.log(`built ${out}`);
}
