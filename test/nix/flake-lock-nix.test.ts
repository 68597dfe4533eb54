// needs: nix
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderRunner } from "../../src/guest/runner-flake.ts";
import { writeFiles } from "../../src/system/write-files.ts";
import { followsBack, LockedFlakes, type Nix, rootFollows } from "./locked-runner.ts";

const root = mkdtempSync(join(tmpdir(), "pikaci-lock-"));
test.after(() => rmSync(root, { recursive: true }));

const env = {
  PATH: process.env.PATH,
  HOME: root,
  NIX_CONFIG: "extra-experimental-features = nix-command flakes\nbuild-users-group =",
};
const nix: Nix = (...words) => {
  const { status: code, stdout, stderr } = spawnSync("nix", words, { env, encoding: "utf8" });
  return { code, stdout, stderr };
};

test("Nix takes the pinned lock of a runner unchanged, though the project's says `follows`", () => {
  rootFollows(new LockedFlakes(mkdtempSync(join(root, "root-")), nix));
});

test("Nix takes the pinned lock of a runner unchanged, though an input's own leads back to that input", () => {
  followsBack(new LockedFlakes(mkdtempSync(join(root, "back-")), nix));
});

test("Nix takes the lock of a NixOS runner unchanged, without fetching an input", () => {
  const runner = join(root, "nixos");
  const size = { vcpu: 2, memoryMiB: 1024, modules: [], project: null };
  writeFiles(runner, renderRunner({ backend: "microvm", hypervisor: "qemu", ...size }).files);
  const before = readFileSync(join(runner, "flake.lock"), "utf8");
  const words = ["flake", "metadata", "--json", "--no-update-lock-file", "--offline", `path:${runner}`];
  const { code, stdout, stderr } = nix(...words);
  assert.is(code, 0, stderr);
  assert.equal(JSON.parse(stdout).locks, JSON.parse(before));
  assert.is(readFileSync(join(runner, "flake.lock"), "utf8"), before);
});

test.run();
