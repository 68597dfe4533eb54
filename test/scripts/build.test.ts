// time-limit: 300
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { version } from "../../src/system/version.ts";

const test = suite("build");
const root = resolve(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "pikaci-build-"));
/** The package as it is installed: its own files below a project's node_modules, its dependencies beside it. */
const packageDir = join(scratch, "node_modules/pikaci");
const dist = join(packageDir, "dist");
const workspace = join(scratch, "workspace");

function node(...words: string[]): string {
  return execFileSync(process.execPath, words, { cwd: workspace, encoding: "utf8" });
}

test.before(() => {
  mkdirSync(packageDir, { recursive: true });
  mkdirSync(workspace);
  for (const name of ["package.json", "flake.lock", "nix", "schema", "src/host"])
    cpSync(join(root, name), join(packageDir, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(packageDir, "node_modules"));
  execFileSync(process.execPath, [
    "--import",
    import.meta.resolve("tsx"),
    join(root, "scripts/build.ts"),
    "--out",
    dist,
  ]);
});
test.after(() => rmSync(scratch, { recursive: true }));

/** The files that a file imports before it runs, itself included. */
function staticImports(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const imports = readFileSync(join(dist, file), "utf8").matchAll(
    /^(?:import|export)[^;]*?["']\.\/([^"']+\.js)["'];$/gm,
  );
  for (const [, imported = ""] of imports) staticImports(imported, seen);
  return seen;
}

/** The text of all that a file loads before it runs. */
function loadedBy(file: string): string {
  return [...staticImports(file)].map((name) => readFileSync(join(dist, name), "utf8")).join("");
}

test("--version loads no package at all", () => {
  assert.is(node(join(dist, "cli.js"), "--version"), `${version()}\n`);
  const loaded = loadedBy("cli.js");
  assert.match(loaded, "src/core/errors.ts");
  assert.not.match(loaded, /^\/\/ node_modules\//m);
});

test("a snapshot without a configuration loads no schema", () => {
  const [file = ""] = readdirSync(dist).filter(
    (name) =>
      name.endsWith(".js") && readFileSync(join(dist, name), "utf8").includes("// src/commands/snapshot.ts"),
  );
  const loaded = loadedBy(file);
  assert.match(loaded, "src/tree/hash.ts");
  assert.not.match(loaded, "node_modules/zod");
});

test("the bundle finds what lies beside it: templates, the native hash, a TypeScript configuration", () => {
  writeFileSync(
    join(workspace, "pikaci.config.ts"),
    `import { defineConfig } from "pikaci";\nexport default defineConfig({ jobs: { a: { command: "true" as string } } });`,
  );
  assert.match(node(join(dist, "cli.js"), "plan"), "execute a (sandbox");
  assert.match(node(join(dist, "cli.js"), "snapshot"), /^[0-9a-f]{64}\n1 file, /);
  assert.match(node(join(dist, "cli.js"), "render"), "flake.nix");
  assert.match(node(join(dist, "cli.js"), "run", "--help"), "Examples:");
  assert.ok(existsSync(join(dist, "hash-worker.js")));
});

test("the library is imported by its name, with its types", () => {
  const script = [
    `import { type ConfigInput, defineConfig, PikaciError, plan, type RunRecord, run } from "pikaci";`,
    `export const config: ConfigInput = defineConfig({ jobs: { a: { command: ["x"], timeout: "5m" } } });`,
    `export const status = async (): Promise<RunRecord["status"]> => (await run({ on: "local" }).result).status;`,
    `// @ts-expect-error: no such backend`,
    `defineConfig({ jobs: { a: { command: "x", runner: "none" } } });`,
    `try { await plan({ target: "missing" }); } catch (error) {`,
    `  if (error instanceof PikaciError) process.stdout.write(error.kind + " " + String(error.exitCode));`,
    `}`,
  ].join("\n");
  writeFileSync(join(workspace, "use.ts"), script);
  writeFileSync(join(workspace, "package.json"), `{"type":"module"}`);
  const types = { types: ["node"], typeRoots: [join(root, "node_modules/@types")] };
  const compilerOptions = {
    strict: true,
    target: "ES2023",
    module: "NodeNext",
    outDir: "out",
    rootDir: ".",
    ...types,
  };
  writeFileSync(join(workspace, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts"] }));
  node(join(root, "node_modules/typescript/bin/tsc"));
  assert.is(node("out/use.js"), "usage 2");
});

test.run();
