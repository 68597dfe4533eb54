import { test } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import { parseContentHash } from "../../src/core/ids.ts";
import { LAYOUT_VERSION } from "../../src/core/layout.ts";
import { NO_SOURCE } from "../../src/core/no-source.ts";
import { type HostFacts, parseFacts } from "../../src/remote/facts.ts";
import { missingOnHost, needOf, requirementsError } from "../../src/remote/requirements.ts";

const asked = parseContentHash("a".repeat(64));
const runner = "b".repeat(64);
const metadata = {
  schema_version: 1,
  content_hash: asked,
  project_id: "p",
  file_count: 1,
  byte_count: 2,
  layout_version: LAYOUT_VERSION,
  b3sums_left_out: 0,
  created_at: "2026-01-01T00:00:00.000Z",
  source: { git_head: null, git_dirty: false },
};

const answers: Readonly<Record<string, string>> = {
  system: "Linux x86_64",
  user: "ci",
  uid: "1000",
  home: "/home/ci",
  work_dir: "/home/ci/with = and\nnewline",
  space: "1000 4096 77",
  clock_ms: "1700000000000",
  missing_tools: " zstd b3sum",
  gnu_tar: "yes",
  setpriv: "yes",
  nix: "2.26.3 /nix/store /nix/store/x-pikaci-probe",
  store_here: "yes",
  namespaces: "ok",
  overlay: "failed: mount: permission denied",
  bwrap: "ok",
  snapshot: `have ${JSON.stringify(metadata)}`,
  swept: "3",
};

function body(pairs: Readonly<Record<string, string | undefined>>): Buffer {
  const lines = Object.entries(pairs).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}\0`],
  );
  return Buffer.from(lines.join(""));
}

const facts = (changes: Readonly<Record<string, string | undefined>> = {}): HostFacts =>
  parseFacts(body({ ...answers, ...changes }), asked);

test("a probe's answer becomes facts", () => {
  const { system, workDir, freeBytes, freeInodes, nix, overlay, snapshot, missingTools, swept } = facts();
  assert.is(system, "x86_64-linux");
  assert.is(workDir, "/home/ci/with = and\nnewline");
  assert.equal([freeBytes, freeInodes, swept], [4_096_000, 77, 3]);
  assert.equal(nix, { state: "works", version: "2.26.3", storeDir: "/nix/store", real: true });
  assert.equal(overlay, { ok: false, said: "mount: permission denied" });
  assert.equal(snapshot, { state: "have", metadata: { ...metadata, source: NO_SOURCE } });
  assert.equal(missingTools, ["zstd", "b3sum"]);
  assert.is(facts({ system: "Linux aarch64" }).system, "aarch64-linux");
  assert.is(facts({ space: "1 1 0" }).freeInodes, null);
  assert.is(facts({ bwrap: undefined }).bwrap, null);
});

test("what guests see of the host is four digests, or was not asked", () => {
  const [packages, local, etc, names] = ["1", "2", "3", "4"].map((digit) => digit.repeat(64));
  assert.is(facts().seen, null);
  assert.equal(facts({ seen: `${packages} ${local} ${etc} ${names}` }).seen, { packages, local, etc, names });
  for (const seen of ["", `${packages} ${local}`, `${packages} ${local} ${etc} none`])
    assert.throws(() => facts({ seen }), /the host does not say what guests see of it/);
});

test("a snapshot's state is never guessed", () => {
  const state = (text: string) => facts({ snapshot: text }).snapshot;
  assert.equal(state("missing"), { state: "missing" });
  for (const text of ["broken", "have ", "have {", "have {}", 'have {"content_hash": "x"}', "have null"])
    assert.equal(state(text), { state: "broken", found: "no readable metadata" });
  const other = "c".repeat(64);
  assert.equal(state(`have ${JSON.stringify({ ...metadata, content_hash: other })}`), {
    state: "broken",
    found: other,
  });
  const { layout_version: _, ...first } = metadata;
  for (const layout of [{}, { layout_version: LAYOUT_VERSION - 1 }, { layout_version: LAYOUT_VERSION + 1 }])
    assert.equal(state(`have ${JSON.stringify({ ...first, content_hash: other, ...layout })}`), {
      state: "missing",
    });
  assert.is(parseFacts(body(answers), null).snapshot, null);
});

test("a runner's record is ready, gone, broken or missing", () => {
  const path = `/nix/store/${"0".repeat(32)}-runner`;
  const record = `{"schema_version":1,"content_hash":"${runner}","remote_store_path":"${path}"}`;
  const state = (text: string) =>
    facts({ runner: `${runner} ${text}` }).runners.get(parseContentHash(runner));
  assert.equal(state("missing "), { state: "missing" });
  assert.equal(state(`ready ${record}`), { state: "ready", record, storePath: path });
  assert.equal(state(`gone ${record}`), { state: "gone", record, storePath: path });
  assert.equal(state("broken {"), { state: "broken", record: "{" });
});

test("an answer that lacks something says what", () => {
  assert.throws(
    () => facts({ uid: undefined }),
    (error: unknown) => {
      if (!(error instanceof InfraError)) throw error;
      return error.where === "host" && error.message.includes("`uid`") && error.hint !== undefined;
    },
  );
});

test("a host that has everything has no problem", () => {
  assert.equal(missingOnHost(facts(), ["sandbox"]), []);
  assert.is(requirementsError("h", []), null);
});

const builtIn = ["virtio_ring", "virtio", "virtio_pci", "virtio_console", "overlay", "fuse", "virtiofs"]
  .map((name) => `${name}=built-in`)
  .join(" ");
const machine = {
  ...{ machine_release: "6.1", machine_qemu: "/q", machine_bwrap: "/b", machine_busybox: "/s" },
  ...{ machine_virtiofsd: "/v", machine_kernel: `6.1 /k yes ${builtIn}` },
};

test("a host that can boot machines lacks nothing, but for a network", () => {
  assert.equal(missingOnHost(facts(machine), ["minivm"]), []);
  assert.is(missingOnHost(facts(machine), ["minivm"], ["user"]).length, 2);
});

test("microvm.nix brings what it needs, but for the processor's virtualisation", () => {
  assert.equal(missingOnHost(facts({ ...machine, machine_qemu: undefined }), ["microvm"], ["user"]), []);
  assert.equal(missingOnHost(facts({ ...machine, machine_kvm: "yes" }), ["microvm-kvm"]), []);
  const shape = { backend: "microvm", vcpu: 1, memoryMiB: 512, modules: [], project: null } as const;
  assert.is(needOf({ ...shape, hypervisor: "qemu" }), "microvm");
  assert.is(needOf({ ...shape, hypervisor: "crosvm" }), "microvm-kvm");
});

test("what a host lacks is named with its fix", () => {
  const table: [Readonly<Record<string, string | undefined>>, readonly string[], string, string][] = [
    [{ system: "Darwin arm64" }, [], "it is aarch64-darwin", "--on"],
    [{ nix: undefined, store_here: undefined }, [], "Nix is not installed", "nixos.org/download"],
    [{ nix: undefined, os_release: "ID=ubuntu" }, [], "Nix is not installed", "apt-get install nix-bin"],
    [{ nix: undefined, os_release: "ID=nixos" }, [], "Nix is not installed", "nix.enable = true"],
    [
      { nix: undefined, nix_error: "error: cannot connect to socket" },
      [],
      "Nix cannot use its store: error: cannot connect",
      "nix.enable",
    ],
    [
      { nix: "2.26.3 /opt/store /opt/store/x", store_here: "yes" },
      [],
      "says /opt/store",
      "/nix/store itself",
    ],
    [{ store_here: undefined }, [], "not really at /nix/store", "/nix/store itself"],
    [{ missing_tools: " flock" }, [], "`flock` is missing", "apt-get install util-linux"],
    [{ missing_tools: " mktemp" }, [], "`mktemp` is missing", "pkgs.coreutils"],
    [{ missing_tools: " bwrap" }, ["sandbox"], "`bwrap` is missing", "apt-get install bubblewrap"],
    [{ gnu_tar: undefined }, [], "not GNU tar", "pkgs.gnutar"],
    [{ setpriv: undefined }, [], "no --pdeathsig", "util-linux"],
    [{ namespaces: "failed: unshare: denied" }, ["sandbox"], "namespaces: unshare: denied", "sysctl"],
    [{ ...machine, machine_qemu: undefined }, ["minivm"], "QEMU is missing", "qemu-system-x86"],
    [{ ...machine, system: "Linux aarch64" }, ["minivm"], "minivm is for x86_64", "sandbox"],
    [machine, ["microvm-kvm"], "no KVM that this account may use", "usermod -aG kvm"],
    [{ bwrap: "failed: bwrap: No permissions" }, ["sandbox"], "bwrap: No permissions", "apparmor"],
  ];
  for (const [changes, backends, what, fix] of table) {
    const problems = missingOnHost(facts(changes), backends);
    assert.is(problems.length, 1, JSON.stringify(problems));
    const error = requirementsError("ssh://h", problems);
    assert.is(error?.where, "host");
    assert.is(error?.exitCode, 3);
    assert.match(error?.message ?? "", what);
    assert.match(error?.hint ?? "", fix);
  }
});

test("only what is used is required", () => {
  assert.equal(
    missingOnHost(facts({ missing_tools: " bwrap", bwrap: "failed: x", namespaces: "failed: x" }), []),
    [],
  );
});

test("all problems come at once", () => {
  const problems = missingOnHost(facts({ nix: undefined, missing_tools: " bwrap flock setpriv" }), [
    "sandbox",
  ]);
  assert.is(problems.length, 4);
  const hint = requirementsError("h", problems)?.hint ?? "";
  assert.is(hint.split("install util-linux").length, 2);
});

test.run();
