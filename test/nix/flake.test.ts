// needs: nix
// time-limit: 300
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { RunRecord } from "../../src/core/run-record.ts";
import { version } from "../../src/system/version.ts";
import { openStandIn, type StandIn } from "./stand-in.ts";

let standIn: StandIn;

test.before(() => {
  standIn = openStandIn({ tarballs: true });
});
test.after(() => standIn?.remove());

function nix(cwd: string, ...words: string[]): { stdout: string; stderr: string } {
  const { code, stdout, stderr } = standIn.nix(cwd, ...words);
  assert.is(code, 0, `nix ${words.join(" ")}\n${stderr}`);
  return { stdout, stderr };
}

/** A git repository of its own with a configuration. */
function project(name: string): string {
  const dir = join(standIn.dir, name);
  mkdirSync(dir);
  execFileSync("git", ["init", "-q", dir]);
  const config = { jobs: { greet: { command: "cat input; echo made >/artifacts/made" } } };
  writeFileSync(join(dir, "pikaci.config.json"), JSON.stringify(config));
  writeFileSync(join(dir, "input"), "hello from the workspace\n");
  return dir;
}

test("the lock is complete: Nix takes it as it is, without network", () => {
  const words = ["metadata", "--json", "--offline", "--no-update-lock-file", standIn.flake];
  const { locks } = JSON.parse(nix(standIn.dir, "flake", ...words).stdout) as {
    locks: { nodes: Record<string, { locked?: { rev?: string; narHash?: string } }> };
  };
  const pinned = Object.entries(locks.nodes).filter(([, { locked }]) => locked !== undefined);
  assert.equal(pinned.map(([name]) => name).sort(), ["flake-parts", "microvm", "nixpkgs"]);
  for (const [, { locked }] of pinned) assert.ok(locked?.rev && locked.narHash);
  const text = readFileSync(join(standIn.dir, "pikaci/flake.lock"), "utf8");
  assert.equal(JSON.parse(text), locks);
});

test("nix run .#pikaci -- --version", () => {
  const done = nix(
    join(standIn.dir, "pikaci"),
    "run",
    `${standIn.flake}#pikaci`,
    ...standIn.instead,
    "--",
    "--version",
  );
  assert.is(done.stdout, `${version()}\n`);
});

test("README's command, as it is typed, with a Nix whose experimental features are off", () => {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  const [, typed = ""] = /`(nix [^`]* run \.\.\/pikaci -- run)`/.exec(readme) ?? [];
  assert.match(typed, "run ../pikaci -- run");
  const settings = standIn.env.NIX_CONFIG?.replace(
    /^extra-experimental-features.*$/m,
    "experimental-features =",
  );
  const command = typed.replace(
    "../pikaci -- run",
    `${standIn.flake} ${standIn.instead.join(" ")} -- --version`,
  );
  const env = { ...standIn.env, NIX_CONFIG: settings };
  const done = execFileSync("sh", ["-c", command], { cwd: standIn.dir, env, encoding: "utf8" });
  assert.is(done, `${version()}\n`);
});

test("nix shell: a shell with pikaci in it", () => {
  const words = ["shell", standIn.flake, ...standIn.instead, "--command", "pikaci", "--version"];
  assert.is(nix(standIn.dir, ...words).stdout, `${version()}\n`);
});

test("nix flake check: package, modules, options, formatting, configuration", () => {
  nix(standIn.dir, "flake", "check", ...standIn.instead, standIn.flake);
});

test("nix flake init: the default template's jobs are read from its flake output", () => {
  const dir = join(standIn.dir, "from-template");
  mkdirSync(dir);
  for (const template of ["ci", "default"]) {
    const place = join(dir, template);
    mkdirSync(place);
    nix(place, "flake", "init", "-t", `${standIn.flake}#${template}`);
    const text = readFileSync(join(place, "flake.nix"), "utf8");
    assert.match(text, 'prepare.tools = ".#tools"');
  }
  const words = ["--json", ...standIn.instead, "--no-write-lock-file", "path:.#pikaci"];
  const { jobs } = JSON.parse(nix(join(dir, "default"), "eval", ...words).stdout);
  assert.equal(jobs, { greet: { command: "/prepared/tools/bin/hello", prepare: { tools: ".#tools" } } });
});

test("nix run .#pikaci -- run, in a project", () => {
  const dir = project("project");
  const done = nix(dir, "run", standIn.flake, ...standIn.instead, "--", "run", "--json");
  const record = JSON.parse(done.stdout) as RunRecord;
  assert.is(record.status, "passed", done.stderr);
  assert.match(done.stderr, "hello from the workspace");
  const made = join(dir, ".pikaci/runs", record.run_id, "jobs/greet/artifacts/made");
  assert.is(readFileSync(made, "utf8"), "made\n");
});

test.run();
