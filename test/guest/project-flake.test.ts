import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseConfig } from "../../src/config/load.ts";
import { bytePath } from "../../src/core/byte-path.ts";
import { PikaciError } from "../../src/core/errors.ts";
import { parseJobName } from "../../src/core/ids.ts";
import type { JobSpec } from "../../src/core/job.ts";
import type { MicrovmShape, WantedShape } from "../../src/core/machine-shape.ts";
import { NO_SOURCE } from "../../src/core/no-source.ts";
import type { HashedEntry, HashedSnapshot } from "../../src/core/snapshot.ts";
import { workspaceOf } from "../../src/core/workspace-of.ts";
import { bindProjectFlake, needsProjectFlake } from "../../src/guest/project-flake.ts";
import { renderRunner } from "../../src/guest/runner-flake.ts";
import { blake3Hex } from "../../src/system/blake3.ts";
import { assemble } from "../../src/tree/manifest/assemble.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("what a runner takes of the project's flake");
test.after(removeWorkspaces);

const LOCK = JSON.stringify({ nodes: { root: {} }, root: "root", version: 7 });

/** A workspace with these files, hashed; `link`s are symbolic ones. */
function tree(files: Readonly<Record<string, string>>, link?: string): HashedSnapshot {
  const workspace = makeDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
  if (link !== undefined) symlinkSync("flake.nix", join(workspace, link));
  const entries = [...Object.entries(files), ...(link === undefined ? [] : [[link, "flake.nix"] as const])];
  const hashed = entries.map(([name, text]): HashedEntry => {
    const type = name === link ? "symlink" : "file";
    const content = Buffer.from(text);
    const path = bytePath(Buffer.from(name));
    return { path, type, size: content.length, stat: "", digest: blake3Hex(content) };
  });
  const source = NO_SOURCE;
  return assemble({ workspace, source, entries: hashed, leftOut: [] }, hashed);
}

const nixos = (modules: readonly string[] = []): MicrovmShape => ({
  ...{ backend: "microvm", hypervisor: "qemu", vcpu: 1, memoryMiB: 512, modules, project: null },
});

const job = (shape: WantedShape): JobSpec => ({
  ...{ name: parseJobName("unit"), description: "", command: { kind: "shell", text: "true" }, shape },
  ...{ prepare: {}, timeoutMs: 1, env: {}, cwd: "/workspace", user: "user" },
  ...{ workspace: "read-only", network: "none" },
});

function projectOf(hashed: HashedSnapshot, shape: WantedShape, globs: readonly string[] = []) {
  const bound = bindProjectFlake(job(shape), hashed, globs).shape;
  return "project" in bound ? bound.project : undefined;
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof PikaciError && error.hint !== undefined) return `${error.exitCode} ${error.message}`;
    throw error;
  }
  return "nothing";
}

test("the lock, and the files only for modules", () => {
  const hashed = tree({ "flake.nix": "{ }", "flake.lock": LOCK, "nix/ci.nix": "x", "src/a": "y" });
  assert.equal(projectOf(hashed, nixos()), { lock: JSON.parse(LOCK), files: [] });
  const all = projectOf(hashed, nixos(["nixosModules.ci"]));
  assert.equal(all?.files.map(({ path }) => path).sort(), ["flake.lock", "flake.nix", "nix/ci.nix", "src/a"]);
  const some = projectOf(hashed, nixos(["nixosModules.ci"]), ["flake.nix", "nix/**"]);
  assert.equal(
    some?.files.map(({ path, content }) => [path, content.toString()]),
    [
      ["flake.nix", "{ }"],
      ["nix/ci.nix", "x"],
    ],
  );
});

test("without a lock there is none; what asks for nothing is not touched", () => {
  const hashed = tree({ file: "x" });
  assert.equal(projectOf(hashed, nixos()), { lock: null, files: [] });
  const plain = job({ backend: "sandbox" });
  assert.is(bindProjectFlake(plain, hashed, []), plain);
  assert.equal([needsProjectFlake(plain), needsProjectFlake(job(nixos()))], [false, true]);
});

test("auto takes a lock where it can be taken, and does not fail for it", () => {
  const auto = { backend: "auto", vcpu: 1, memoryMiB: 512 } as const;
  assert.equal(projectOf(tree({ "flake.lock": LOCK }), auto)?.lock, JSON.parse(LOCK));
  const pinned = { root: { inputs: { nixpkgs: "n" } }, n: { locked: { type: "path" } } };
  const path = JSON.stringify({ nodes: pinned, root: "root", version: 7 });
  for (const wrong of ["{}", path]) assert.is(projectOf(tree({ "flake.lock": wrong }), auto)?.lock, null);
  const gone = tree({ "flake.lock": LOCK });
  const remembered = { ...gone, snapshot: { ...gone.snapshot, workspace: null } };
  assert.is(projectOf(remembered, auto), undefined);
});

test("a stranger's tree decides nothing of the runner", () => {
  const hashed = tree({ "flake.nix": "{ }", "flake.lock": LOCK });
  const config = {
    jobs: { unit: { command: "true", runner: { backend: "microvm", vcpu: 1, memory: "512MiB" } } },
  };
  const { unit } = parseConfig(config, "/w", null, "tree").jobs;
  assert.ok(unit !== undefined && !needsProjectFlake(unit));
  const { shape } = bindProjectFlake(unit, hashed, []);
  assert.ok(shape.backend === "microvm");
  assert.is(renderRunner(shape).contentHash, renderRunner(nixos()).contentHash);
});

test("what no runner can have is refused", () => {
  const modules = nixos(["nixosModules.ci"]);
  const bad = tree({ "flake.lock": "{}" });
  assert.match(
    refusal(() => projectOf(bad, nixos())),
    /^2 flake.lock is not a lock file of version 7/,
  );
  assert.match(
    refusal(() => projectOf(tree({ a: "x" }), modules)),
    /^2 .*it has no flake\.nix/,
  );
  const linked = tree({ "flake.nix": "{ }" }, "link");
  assert.match(
    refusal(() => projectOf(linked, modules)),
    /^2 a runner cannot have the file link/,
  );
  const changed = tree({ "flake.lock": LOCK });
  writeFileSync(join(workspaceOf(changed.snapshot), "flake.lock"), `${LOCK} `);
  assert.match(
    refusal(() => projectOf(changed, nixos())),
    /^5 "flake.lock" changed after it was hashed/,
  );
});

test.run();
