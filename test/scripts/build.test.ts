// time-limit: 300
import { execFileSync, spawnSync } from "node:child_process";
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
import { compileBundle, compiledFile } from "../../src/system/compiled.ts";
import { version } from "../../src/system/version.ts";

const test = suite("build");
const root = resolve(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "pikaci-build-"));
/** The package as it is installed: its own files below a project's node_modules, its dependencies beside it. */
const packageDir = join(scratch, "node_modules/pikaci");
const dist = join(packageDir, "dist");
const cli = join(dist, "cli.cjs");
const workspace = join(scratch, "workspace");

/** More of them make every start slower. */
const MOST_FOR_VERSION = 30;

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

/** What `NODE_V8_COVERAGE` writes. */
interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

/** Names of the functions of the bundled program that a command line calls, as V8 counts them. */
function calledBy(words: readonly string[]): ReadonlySet<string> {
  const directory = mkdtempSync(join(scratch, "coverage-"));
  const env = { ...process.env, NODE_V8_COVERAGE: directory };
  execFileSync(process.execPath, [cli, ...words], { cwd: workspace, env });
  const [name = ""] = readdirSync(directory);
  const { result }: Coverage = JSON.parse(readFileSync(join(directory, name), "utf8"));
  const functions = result.filter(({ url }) => url.endsWith("/program.cjs")).flatMap((one) => one.functions);
  assert.ok(functions.length > 0);
  return new Set(functions.filter(({ ranges }) => ranges[0]?.count !== 0).map((one) => one.functionName));
}

/** The modules that a command line runs: those that are functions of the bundle when called, all others in any case. */
function modulesRunBy(...words: string[]): string[] {
  const program = readFileSync(join(dist, "program.cjs"), "utf8");
  const all = new Set(
    [...program.matchAll(/^\/\/ ((?:src|node_modules)\/.+)$/gm)].map(([, path = ""]) => path),
  );
  const called = calledBy(words);
  return [...all].filter((path) => called.has(path) || !program.includes(`\n  "${path}"(`)).sort();
}

test("--version runs no package, and of the program's modules a few", () => {
  assert.is(node(cli, "--version"), `${version()}\n`);
  const modules = modulesRunBy("--version");
  assert.ok(modules.includes("src/core/errors.ts"));
  assert.equal(
    modules.filter((path) => path.startsWith("node_modules/")),
    [],
  );
  assert.ok(modules.length <= MOST_FOR_VERSION, modules.join(" "));
});

test("a snapshot without a configuration runs no schema", () => {
  const modules = modulesRunBy("snapshot");
  assert.ok(modules.includes("src/tree/hash.ts"));
  assert.equal(
    modules.filter((path) => path.startsWith("node_modules/zod/")),
    [],
  );
});

test("a command line runs nothing of what lays out text for a terminal", () => {
  const modules = modulesRunBy("plan", "--help");
  assert.ok(modules.includes("src/commands/help.ts"));
  assert.equal(
    modules.filter((path) => /string-width|cliui|emoji/.test(path)),
    [],
  );
});

test("a JavaScript configuration is imported as a module", () => {
  const elsewhere = mkdtempSync(join(scratch, "mjs-"));
  const config = `export default await Promise.resolve({ jobs: { a: { command: "true" } } });`;
  writeFileSync(join(elsewhere, "pikaci.config.mjs"), config);
  assert.match(node(cli, "plan", "-C", elsewhere), "execute a (sandbox");
});

test("the bundle finds what lies beside it: templates, the native hash, a database, a TypeScript configuration", () => {
  writeFileSync(
    join(workspace, "pikaci.config.ts"),
    `import { defineConfig } from "pikaci";\nexport default defineConfig({ jobs: { a: { command: "true" as string } } });`,
  );
  assert.match(node(cli, "plan"), "execute a (sandbox");
  assert.match(node(cli, "snapshot"), /^[0-9a-f]{64}\n1 file, /);
  assert.match(node(cli, "render"), "flake.nix");
  assert.match(node(cli, "run", "--help"), "Examples:");
  assert.ok(existsSync(join(dist, "hash-worker.js")));
  assert.is(JSON.parse(node(cli, "history", "--json")).runs.own, 0);
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

test("a command that has nothing left to wait for before it is done is an error", () => {
  const elsewhere = mkdtempSync(join(scratch, "never-"));
  writeFileSync(join(elsewhere, "pikaci.config.mjs"), "export default await new Promise(() => {});");
  const { status, stderr } = spawnSync(process.execPath, [cli, "plan", "-C", elsewhere], {
    encoding: "utf8",
  });
  assert.match(stderr, "nothing is left to wait for, but the command is not done");
  assert.is(status, 3);
});

test("V8 takes what was kept compiled, and works where it refuses it or nothing is kept", () => {
  const program = join(dist, "program.cjs");
  const kept = compiledFile(program);
  assert.is(compileBundle(program, readFileSync(kept)).cachedDataRejected, false);
  const whole = readFileSync(kept);
  const other = Buffer.from(whole);
  other[whole.length >> 3] = ~(whole[whole.length >> 3] ?? 0);
  for (const bytes of [Buffer.from("of another V8"), Buffer.alloc(0), other, whole.subarray(0, -1)]) {
    writeFileSync(kept, bytes);
    assert.is.not(compileBundle(program, bytes).cachedDataRejected, false);
    assert.is(node(cli, "--version"), `${version()}\n`);
  }
  const text = readFileSync(program);
  writeFileSync(program, text.toString("latin1").replace("// src/", "// SRC/"), "latin1");
  assert.is(readFileSync(program).length, text.length);
  assert.is.not(compileBundle(program, whole).cachedDataRejected, false, "another text of the same length");
  writeFileSync(program, text);
  rmSync(kept);
  assert.is(node(cli, "--version"), `${version()}\n`);
  mkdirSync(kept); // cannot be read, by root either
  assert.is(node(cli, "--version"), `${version()}\n`);
});

test.run();
