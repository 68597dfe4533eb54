// needs: nix
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findWorkspace } from "../../src/config/config-file.ts";
import { findFlake } from "../../src/config/flake-config.ts";
import { EXACT_VALUE } from "../../src/config/flake-value.ts";
import type { ConfigInput } from "../../src/config/load.ts";
import { ConfigError, InfraError, type PikaciError } from "../../src/core/errors.ts";
import type { Plan } from "../../src/core/plan.ts";
import { resolveRun } from "../../src/operations/run.ts";
import { openStandIn } from "../nix/stand-in.ts";
import { makeMemory } from "../workspace.ts";
import { checkValues, VALUES_FLAKE } from "./flake-values.ts";

const standIn = openStandIn({ tarballs: false });
const scratch = mkdtempSync(join(tmpdir(), "pikaci-flake-config-"));
test.after(() => {
  standIn.remove();
  rmSync(scratch, { recursive: true });
});

function workspace(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(scratch, "workspace-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

async function planOf(
  dir: string,
  env: NodeJS.ProcessEnv = standIn.env,
  config: string | null = null,
): Promise<Plan> {
  const request = {
    config,
    target: null,
    jobs: [],
    host: null,
    base: null,
    force: false,
    repair: false,
    verify: false,
  };
  const context = {
    emit: () => {},
    signal: new AbortController().signal,
    clock: () => new Date(),
    author: "trusted" as const,
    env,
    workspace: dir,
    stateDir: join(dir, ".pikaci"),
    memory: makeMemory(join(dir, "memory")),
  };
  return (await resolveRun(request, context)).plan;
}

async function failure(promise: Promise<unknown>): Promise<PikaciError> {
  const error = await promise.then(
    () => assert.unreachable("was accepted"),
    (reason: unknown) => reason,
  );
  if (error instanceof ConfigError || error instanceof InfraError) return error;
  throw error;
}

const config = {
  project: "parity",
  hosts: { builder: { url: "ssh://ci@builder.example.org", lease: "1m" } },
  host: "builder",
  snapshot: { exclude: ["docs/**"] },
  targets: { check: { description: "before each push", filters: [], jobs: ["unit", "lint"] } },
  defaultTarget: "check",
  jobs: {
    unit: {
      command: ["sh", "-c", "echo '$HOME' \\ \"quoted\""],
      prepare: { node: ".#nodejs", modules: { path: "node_modules" } },
      timeout: "10m",
      env: { CI: "1" },
      workspace: "private",
    },
    lint: { command: "npm run lint", runner: "sandbox" },
  },
} satisfies ConfigInput;

/** That configuration, as a person writes it for the flake-parts module. */
const authored = `{
  project = "parity";
  hosts.builder = { url = "ssh://ci@builder.example.org"; lease = "1m"; };
  host = "builder";
  snapshot.exclude = [ "docs/**" ];
  targets.check = { description = "before each push"; filters = [ ]; jobs = [ "unit" "lint" ]; };
  defaultTarget = "check";
  jobs.unit = {
    command = [ "sh" "-c" "echo '$HOME' \\\\ \\"quoted\\"" ];
    prepare.node = ".#nodejs";
    prepare.modules.path = "node_modules";
    timeout = "10m";
    env.CI = "1";
    workspace = "private";
  };
  jobs.lint = { command = "npm run lint"; runner = "sandbox"; };
}`;

/** A flake that evaluates the module as flake-parts does. */
const typed = (value: string) => `{
  inputs.nixpkgs.url = "path:${join(standIn.dir, "nixpkgs")}";
  inputs.pikaci.url = "${standIn.flake}";
  inputs.pikaci.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, pikaci }:
    let inherit (nixpkgs) lib; in
    (lib.evalModules {
      modules = [
        pikaci.flakeModules.default
        {
          options.flake = lib.mkOption { type = lib.types.anything; };
          options.perSystem = lib.mkOption { type = lib.types.raw; };
        }
        { pikaci = ${value}; }
      ];
    }).config.flake;
}`;

test("the same project in TypeScript, JSON and Nix has the same plan", async () => {
  const source = `import { defineConfig } from "pikaci";\nexport default defineConfig(${JSON.stringify(config)});`;
  const expected = await planOf(workspace({ "pikaci.config.ts": source }));
  assert.is(expected.nodes.length, 4);
  assert.equal(await planOf(workspace({ "pikaci.config.json": JSON.stringify(config) })), expected);
  const plain = "{ outputs = { self }: { pikaci = builtins.fromJSON (builtins.readFile ./pikaci.json); }; }";
  const files = { "flake.nix": plain, "pikaci.json": JSON.stringify(config) };
  assert.equal(await planOf(workspace(files)), expected);
  const modular = workspace({ "flake.nix": typed(authored) });
  const locked = standIn.nix(modular, "flake", "lock");
  assert.is(locked.code, 0, locked.stderr);
  assert.equal(await planOf(modular), expected);
});

test("the module refuses what is not typed right, and unknown keys", () => {
  for (const [value, message] of [
    [`{ jobs.a = { command = "x"; user = "admin"; }; }`, /pikaci\.jobs\.a\.user' is not of type/],
    [`{ jobs.a = { comand = "x"; }; }`, /pikaci\.jobs\.a\.comand' does not exist/],
    [`{ jobs.a = { }; }`, /pikaci\.jobs\.a\.command' was accessed but has no value/],
  ] as const) {
    const dir = workspace({ "flake.nix": typed(value) });
    const { code, stderr } = standIn.nix(dir, "eval", "--json", ".#pikaci");
    assert.is(code, 1);
    assert.match(stderr, message);
  }
});

test("numbers and paths of a flake are the same whatever Nix prints them", () => {
  const dir = workspace({ "flake.nix": VALUES_FLAKE, "data.txt": "x" });
  const evaluated = (attr: string) => standIn.nix(dir, "eval", "--json", "--apply", EXACT_VALUE, `.#${attr}`);
  checkValues(evaluated);
});

test("a float that is no integer is refused where it stands", async () => {
  const flake = `{ outputs = { self }: { pikaci.jobs.a = { command = "x"; limits.memory = 1572864.3; }; }; }`;
  const error = await failure(planOf(workspace({ "flake.nix": flake })));
  assert.match(error.message, "pikaci.jobs.a.limits.memory is the float 1572864.3");
  assert.is(error.exitCode, 2);
});

test("a configuration file comes before a flake, which is not evaluated then", async () => {
  const files = { "flake.nix": "{ pikaci = throw 1; }", "pikaci.config.json": JSON.stringify(config) };
  assert.is((await planOf(workspace(files))).project_id, "parity");
});

test("a flake that does not name pikaci is none", async () => {
  const dir = workspace({ "flake.nix": "{ outputs = { self }: { }; }" });
  assert.is(findFlake(dir), null);
  assert.match((await failure(planOf(dir))).message, "no configuration in ");
});

test("a flake that only names pikaci is none, says so, and is read where it is named", async () => {
  const imported = "{ outputs = inputs: import ./outputs.nix; } # pikaci";
  const files = { "flake.nix": imported, "outputs.nix": `{ pikaci.jobs.a.command = "x"; }` };
  const dir = workspace(files);
  assert.is(findFlake(dir), null);
  const error = await failure(planOf(dir));
  assert.match(error.message, "names pikaci, but binds no output `pikaci`");
  assert.match(error.hint ?? "", "--config flake.nix");
  assert.is((await planOf(dir, standIn.env, join(dir, "flake.nix"))).nodes.length, 1);
});

test("a directory by the name of flake.nix is none", () => {
  assert.is(findFlake(workspace({ "flake.nix/pikaci": "" })), null);
});

test("the workspace is where the flake is", () => {
  const dir = workspace({ "flake.nix": "{ outputs = { self }: { pikaci = { }; }; }", "a/b/c": "" });
  assert.is(findWorkspace(join(dir, "a/b")), dir);
});

test("what the flake gives is checked as every configuration", async () => {
  const wrong = `{ outputs = { self }: { pikaci.jobs.a.comand = "x"; }; }`;
  const error = await failure(planOf(workspace({ "flake.nix": wrong })));
  assert.match(error.message, /flake\.nix is wrong:\n[\s\S]*did you mean "command"\?/);
  assert.is(error.exitCode, 2);
});

test("a package named pikaci does not hide the output, or says that it does where Nix is too old", async () => {
  const package_ = `packages.x86_64-linux.pikaci = derivation { name = "p"; system = "x86_64-linux"; builder = "p"; };`;
  const dir = workspace({
    "flake.nix": `{ outputs = { self }: { ${package_} pikaci.jobs.a.command = "x"; }; }`,
  });
  const { code } = standIn.nix(dir, "eval", "--json", ".#.pikaci");
  if (code === 0) {
    assert.is((await planOf(dir)).nodes.length, 1);
    return;
  }
  const error = await failure(planOf(dir));
  assert.is(error.exitCode, 2);
  assert.match(error.message, "hides the output `pikaci`");
  assert.match(error.hint ?? "", "another name");
});

test("no such output, a lock that is missing, a file that git does not know: named, exit 2", async () => {
  const conditional = "{ outputs = { self }: if true then { } else { pikaci = { }; }; }";
  const none = await failure(planOf(workspace({ "flake.nix": conditional })));
  assert.match(none.message, /flake\.nix gives no configuration: the flake has no such output/);
  assert.match(none.hint ?? "", "git add");
  const other = workspace({ "flake.nix": "{ outputs = { self }: { }; }" });
  const input = `{ inputs.a.url = "path:${other}"; outputs = { self, a }: { pikaci = a; }; }`;
  const lockless = await failure(planOf(workspace({ "flake.nix": input })));
  assert.match(lockless.message, "`flake.lock` is incomplete");
  const untracked = workspace({ "flake.nix": "{ outputs = { self }: { pikaci = { }; }; }" });
  execFileSync("git", ["init", "-q", untracked]);
  const unknown = await failure(planOf(untracked));
  assert.match(unknown.message, /flake\.nix gives no configuration: /);
  assert.is(unknown.exitCode, 2);
});

test("no Nix: exit 3, with the way around it", async () => {
  const dir = workspace({ "flake.nix": "{ outputs = { self }: { pikaci = { }; }; }" });
  const error = await failure(planOf(dir, { PATH: scratch }));
  assert.is(error.exitCode, 3);
  assert.match(error.hint ?? "", "pikaci.config.json");
});

test.run();
