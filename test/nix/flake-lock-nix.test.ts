// needs: nix
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseFlakeLock } from "../../src/core/flake-lock.ts";
import { nixInputs } from "../../src/guest/nix-string.ts";
import { renderRunner } from "../../src/guest/runner-flake.ts";
import { pinInputs } from "../../src/nix/flake-lock.ts";
import { writeFiles } from "../../src/system/write-files.ts";

const root = mkdtempSync(join(tmpdir(), "pikaci-lock-"));
test.after(() => rmSync(root, { recursive: true }));

const env = {
  PATH: process.env.PATH,
  HOME: root,
  NIX_CONFIG: "extra-experimental-features = nix-command flakes\nbuild-users-group =",
};
const inputs = (...names: string[]) =>
  nixInputs({
    refs: Object.fromEntries(names.map((name) => [name, { type: "git", url: `file://${root}/${name}` }])),
    leftOut: [],
  });

function git(name: string, ...args: string[]): void {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
  execFileSync("git", ["-C", join(root, name), ...identity, ...args], { env, stdio: "pipe" });
}

/** A repository with a flake, locked and committed. */
function repository(name: string, flake: string): void {
  mkdirSync(join(root, name));
  writeFileSync(join(root, name, "flake.nix"), flake);
  git(name, "init", "-q");
  git(name, "add", ".");
  execFileSync("nix", ["flake", "lock", join(root, name)], { env, stdio: "pipe" });
  git(name, "add", ".");
  git(name, "commit", "-qm", name);
}

test("Nix takes the pinned lock of a runner unchanged, though the project's says `follows`", () => {
  repository("pkgs", "{ outputs = { self }: { version = 1; }; }");
  repository("vm", `{ ${inputs("pkgs")} outputs = { self, pkgs }: { inherit (pkgs) version; }; }`);
  appendFileSync(join(root, "pkgs/flake.nix"), "\n");
  git("pkgs", "commit", "-qam", "newer");
  repository(
    "project",
    `{ ${inputs("pkgs", "vm")} inputs.vm.inputs.pkgs.follows = "pkgs";
       outputs = { self, pkgs, vm }: { }; }`,
  );
  const lock = parseFlakeLock(readFileSync(join(root, "project/flake.lock"), "utf8"));
  const pinned = `${JSON.stringify(pinInputs(lock, ["vm"]), null, 2)}\n`;
  const runner = join(root, "runner");
  mkdirSync(runner);
  writeFileSync(
    join(runner, "flake.nix"),
    `{ ${inputs("vm")} outputs = { self, vm }: { inherit (vm) version; }; }`,
  );
  writeFileSync(join(runner, "flake.lock"), pinned);
  const nix = (...args: string[]) =>
    spawnSync("nix", [...args, "--no-update-lock-file", "--offline"], { env, encoding: "utf8" });
  const metadata = nix("flake", "metadata", "--json", `path:${runner}`);
  assert.is(metadata.status, 0, metadata.stderr);
  assert.equal(JSON.parse(metadata.stdout).locks, JSON.parse(pinned));
  assert.is(readFileSync(join(runner, "flake.lock"), "utf8"), pinned);
  assert.is(nix("eval", `path:${runner}#version`).stdout, "1\n");
});

test("Nix takes the lock of a NixOS runner unchanged, without fetching an input", () => {
  const runner = join(root, "nixos");
  const size = { vcpu: 2, memoryMiB: 1024, modules: [], project: null };
  writeFiles(runner, renderRunner({ backend: "microvm", hypervisor: "qemu", ...size }).files);
  const before = readFileSync(join(runner, "flake.lock"), "utf8");
  const words = ["flake", "metadata", "--json", "--no-update-lock-file", "--offline", `path:${runner}`];
  const { status, stdout, stderr } = spawnSync("nix", words, { env, encoding: "utf8" });
  assert.is(status, 0, stderr);
  assert.equal(JSON.parse(stdout).locks, JSON.parse(before));
  assert.is(readFileSync(join(runner, "flake.lock"), "utf8"), before);
});

test.run();
