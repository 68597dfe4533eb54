import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ConfigError, InfraError } from "../../src/core/errors.ts";
import { parseFlakeLock } from "../../src/core/flake-lock.ts";
import { parseContentHash, parseStorePath } from "../../src/core/ids.ts";
import type { MicrovmShape } from "../../src/core/machine-shape.ts";
import { type RunnerFlake, renderRunner } from "../../src/guest/runner-flake.ts";
import { judgeRecord, parseRunnerAnswer } from "../../src/guest/runner-record.ts";

const shape = { backend: "sandbox" } as const;

test("the same shape gives the same bytes, and a program to start", () => {
  const flake = renderRunner(shape);
  assert.equal(renderRunner(shape), flake);
  const names = flake.files.map(({ path, executable }) => `${path} ${executable}`);
  assert.equal(names, [
    "flake.lock false",
    "flake.nix false",
    "params.json false",
    "tree/bin/microvm-run true",
    "tree/lib/cover.sh false",
    "tree/lib/etc/machine-id false",
    "tree/lib/etc/os-release false",
    "tree/lib/etc/protocols false",
    "tree/lib/etc/services false",
    "tree/lib/jail true",
    "tree/lib/launch.sh false",
    "tree/lib/limits.sh false",
    "tree/lib/mounts.sh false",
    "tree/lib/services.sh false",
  ]);
});

test("a machine's size is part of its shape, its backend's files are its own", () => {
  const machine = (memoryMiB: number) => renderRunner({ backend: "minivm", vcpu: 2, memoryMiB });
  assert.is(machine(512).contentHash, machine(512).contentHash);
  assert.is.not(machine(512).contentHash, machine(1024).contentHash);
  assert.equal([machine(512).busybox, renderRunner(shape).busybox], [true, false]);
  const params = machine(512).files.find(({ path }) => path === "params.json");
  assert.match(params?.content.toString() ?? "", /"vcpu": 2,\n {2}"memory_mib": 512\n/);
});

const nixos = (changes: Partial<MicrovmShape> = {}): MicrovmShape => ({
  ...{ backend: "microvm", hypervisor: "qemu", vcpu: 2, memoryMiB: 1024, modules: [], project: null },
  ...changes,
});
const textOf = ({ files }: RunnerFlake, name: string) =>
  files.find(({ path }) => path === name)?.content.toString("utf8") ?? "";

for (const hypervisor of ["qemu", "cloud-hypervisor", "crosvm", "vfkit"] as const)
  test(`${hypervisor}: values are data, inputs are literals, the lock is pikaci's own`, () => {
    const flake = renderRunner(nixos({ hypervisor }));
    const params = JSON.parse(textOf(flake, "params.json")) as Record<string, unknown>;
    assert.equal(
      [params.hypervisor, params.vcpu, params.memory_mib, params.modules],
      [hypervisor, 2, 1024, []],
    );
    const platform = hypervisor === "vfkit" ? "darwin" : "linux";
    assert.equal(params.systems, [`aarch64-${platform}`, `x86_64-${platform}`]);
    assert.match(textOf(flake, "flake.nix"), /"nixpkgs" = \{ "owner" = "nixos"; .*"type" = "github"; \};/);
    assert.match(textOf(flake, "flake.nix"), '"microvm".inputs."spectrum".follows = "";');
    const own = JSON.parse(readFileSync("flake.lock", "utf8")) as {
      nodes: Record<string, { locked?: object }>;
    };
    const lock = JSON.parse(textOf(flake, "flake.lock")) as typeof own;
    for (const name of ["nixpkgs", "microvm"])
      assert.equal(lock.nodes[name]?.locked, own.nodes[name]?.locked);
    assert.equal(Object.keys(lock.nodes).sort(), ["microvm", "nixpkgs", "nixpkgs_2", "root"]);
    const names = flake.files.map(({ path }) => path);
    for (const name of ["guest.nix", "guest/job.nix", "tree/guest/job.sh", "tree/lib/jail"])
      assert.ok(names.includes(name), name);
  });

test("size, hypervisor and the project's lock make another runner; its files only with modules", () => {
  const locked = { type: "github", rev: "1" };
  const original = { type: "github", owner: "o", repo: "nixpkgs" };
  const nodes = { root: { inputs: { nixpkgs: "n" } }, n: { locked, original } };
  const lock = parseFlakeLock(JSON.stringify({ nodes, root: "root", version: 7 }));
  const file = (text: string) => [{ path: "flake.nix", executable: false, content: Buffer.from(text) }];
  const modules = ["nixosModules.ci"];
  const hash = (changes: Partial<MicrovmShape>) => renderRunner(nixos(changes)).contentHash;
  const hashes = [
    hash({}),
    hash({ memoryMiB: 2048 }),
    hash({ vcpu: 1 }),
    hash({ hypervisor: "crosvm" }),
    hash({ project: { lock, files: [] } }),
    hash({ modules, project: { lock, files: file("1") } }),
    hash({ modules, project: { lock, files: file("2") } }),
    hash({ modules: ["nixosModules.other"], project: { lock, files: file("1") } }),
  ];
  assert.is(new Set(hashes).size, hashes.length);
  assert.is(hash({ project: { lock: null, files: [] } }), hash({}));
  assert.is(hash({ project: { lock, files: file("1") } }), hash({ project: { lock, files: file("2") } }));
  const flake = renderRunner(nixos({ modules, project: { lock, files: file("1") } }));
  assert.is(textOf(flake, "project/flake.nix"), "1");
  assert.match(textOf(flake, "params.json"), /"project_inputs": \[\n {4}"nixpkgs"\n {2}\]/);
});

test("modules without a project are refused", () => {
  assert.throws(
    () => renderRunner(nixos({ modules: ["nixosModules.ci"] })),
    (error: unknown) =>
      error instanceof ConfigError && error.exitCode === 2 && /pikaci render/.test(error.hint ?? ""),
  );
});

test("it says nothing of a run, a job, a snapshot or this machine", () => {
  const text = renderRunner(shape)
    .files.map(({ content }) => content.toString())
    .join("\n");
  assert.not.match(text, /\/home\/|\/root\/|[0-9a-f]{64}|\d{8}T\d{6}Z/);
});

const hash = parseContentHash("a".repeat(64));
const other = parseContentHash("b".repeat(64));
const storePath = parseStorePath(`/nix/store/${"0".repeat(32)}-runner`);
const record = (content_hash: string) =>
  JSON.stringify({ schema_version: 1, content_hash, remote_store_path: storePath });

const judged = [
  [undefined, { state: "build" }],
  [{ state: "missing" }, { state: "build" }],
  [
    { state: "ready", record: record(hash), storePath },
    { state: "ready", storePath },
  ],
  [{ state: "gone", record: record(hash), storePath }, { state: "build" }],
  [
    { state: "ready", record: record(other), storePath },
    { state: "wrong", found: other },
  ],
  [
    { state: "broken", record: record(hash).slice(0, 50) },
    { state: "wrong", found: "nothing that can be read" },
  ],
  [
    { state: "ready", record: record(hash).slice(0, -1), storePath },
    { state: "wrong", found: "nothing that can be read" },
  ],
  [
    { state: "broken", record: "" },
    { state: "wrong", found: "nothing that can be read" },
  ],
] as const;

for (const [state, expected] of judged)
  test(`a host's record: ${JSON.stringify(state)?.slice(0, 60)} → ${expected.state}`, () => {
    assert.equal(judgeRecord(state, hash), expected);
  });

test("an answer names the runner that was asked for", () => {
  assert.equal(parseRunnerAnswer(Buffer.from(`built\n${record(hash)}`), hash), {
    outcome: "built",
    storePath,
  });
  for (const body of [`built\n${record(other)}`, `sold\n${record(hash)}`, "", "built\n{"])
    assert.throws(
      () => parseRunnerAnswer(Buffer.from(body), hash),
      (error: unknown) => error instanceof InfraError && /--repair/.test(error.hint ?? ""),
    );
});

test.run();
