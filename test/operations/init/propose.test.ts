import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseConfig } from "../../../src/config/load.ts";
import { lookAtProject } from "../../../src/operations/init/look.ts";
import { propose } from "../../../src/operations/init/propose.ts";

const test = suite("init");

interface Row {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly checks?: readonly string[] | null;
  /** Job and the beginning of its command. */
  readonly jobs: readonly (readonly [string, string])[];
  readonly assumes: RegExp;
}

const npm = (scripts: object, more: object = {}) => JSON.stringify({ scripts, ...more });
const table: readonly Row[] = [
  { name: "nothing", files: {}, jobs: [["hello", "ls"]], assumes: /the job hello is to be replaced/ },
  {
    name: "npm with dependencies",
    files: { "package.json": npm({ test: "x", build: "y", other: "z" }, { devDependencies: { a: "1" } }) },
    jobs: [
      ["test", "ln -sfn /prepared/node_modules node_modules && npm run test"],
      ["build", "ln -sfn /prepared/node_modules node_modules && npm run build"],
    ],
    assumes: /test, build, run by npm/,
  },
  {
    name: "pnpm without any",
    files: { "package.json": npm({ lint: "x" }), "pnpm-lock.yaml": "" },
    jobs: [["lint", "pnpm run lint"]],
    assumes: /run by pnpm/,
  },
  {
    name: "npm's own placeholder is no test",
    files: {
      "package.json": npm({ test: 'echo "Error: no test specified" && exit 1' }),
      Makefile: "all:\ntest: all\n",
    },
    jobs: [["test", "make test"]],
    assumes: /Makefile/,
  },
  {
    name: "a broken package.json",
    files: { "package.json": "{" },
    jobs: [["hello", "ls"]],
    assumes: /hello/,
  },
  {
    name: "Rust",
    files: { "Cargo.toml": "" },
    jobs: [["cargo", "cargo test"]],
    assumes: /network to fetch crates/,
  },
  {
    name: "Go",
    files: { "go.mod": "" },
    jobs: [["go", "go test"]],
    assumes: /^go.mod: `go test`, with go in the host's \/usr$/m,
  },
  {
    name: "Go with modules",
    files: { "go.mod": "", "go.sum": "" },
    jobs: [["go", "go test"]],
    assumes: /network to fetch modules/,
  },
  {
    name: "Python",
    files: { "pyproject.toml": "" },
    jobs: [["pytest", "python3 -m pytest"]],
    assumes: /pytest in the host/,
  },
  {
    name: "make check",
    files: { Makefile: "test:\ncheck:\nx := 1\n" },
    jobs: [["check", "make check"]],
    assumes: /Makefile/,
  },
  {
    name: "a flake's checks",
    files: { "flake.nix": "" },
    checks: ["a"],
    jobs: [["check-a", "true"]],
    assumes: /each check of x86_64-linux/,
  },
  {
    name: "a flake that cannot be read",
    files: { "flake.nix": "", Makefile: "check:" },
    checks: null,
    jobs: [["check", "make check"]],
    assumes: /could not be read here/,
  },
  {
    name: "a flake without checks",
    files: { "flake.nix": "" },
    jobs: [["hello", "ls"]],
    assumes: /no checks for x86_64-linux/,
  },
  {
    name: "several at once",
    files: { "flake.nix": "", "Cargo.toml": "", Makefile: "check:" },
    checks: ["a"],
    jobs: [
      ["cargo", "cargo"],
      ["check-a", "true"],
    ],
    assumes: /Cargo.*\n.*each check/,
  },
];
for (const { name, files, checks = [], jobs, assumes } of table)
  test(name, () => {
    const directory = mkdtempSync(join(tmpdir(), "pikaci-init-"));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
    const { config, assumptions } = propose({ ...lookAtProject(directory), checks, system: "x86_64-linux" });
    rmSync(directory, { recursive: true });
    const project = parseConfig(config, "/w", null);
    assert.equal(Object.keys(project.jobs).sort(), jobs.map(([job]) => job).sort());
    for (const [job, command] of jobs) assert.ok(String(config.jobs[job]?.command).startsWith(command));
    assert.match(assumptions.join("\n"), assumes);
  });

test.run();
