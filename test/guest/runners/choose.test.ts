import { test } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../../src/core/errors.ts";
import { parseJobName, parseStorePath } from "../../../src/core/ids.ts";
import { renderRunner } from "../../../src/guest/runner-flake.ts";
import { candidates, chooseRunner, passedOverNotes, type Wish } from "../../../src/guest/runners/choose.ts";
import type { HostFacts } from "../../../src/remote/facts.ts";
import type { MachineFacts } from "../../../src/remote/machine.ts";

const auto = { backend: "auto", vcpu: 1, memoryMiB: 512 } as const;
const built = [
  "virtio_ring",
  "virtio",
  "virtio_pci",
  "virtio_console",
  "overlay",
  "fuse",
  "virtiofs",
  "virtio_net",
];
const machine: MachineFacts = {
  ...{ qemu: "/q", bwrap: "/b", virtiofsd: "/v", passt: null, busybox: "/s", kvm: false, release: "6" },
  kernels: [
    {
      ...{ version: "6", image: "/k", readable: true },
      modules: Object.fromEntries(built.map((name) => [name, "built-in"])),
    },
  ],
};
const facts = (changes: Partial<HostFacts> = {}): HostFacts => ({
  ...{
    system: "x86_64-linux",
    user: "ci",
    uid: 1,
    home: "/",
    workDir: "/w",
    adopted: false,
    freeBytes: 1,
    freeInodes: null,
  },
  ...{
    clockMs: 0,
    distribution: "debian",
    missingTools: [],
    gnuTar: true,
    setpriv: true,
    swept: 0,
    reaped: [],
    unremovable: [],
    unfetched: [],
    snapshots: [],
    snapshot: null,
  },
  nix: { state: "works", version: "2.8", storeDir: "/nix/store", real: true },
  namespaces: { ok: true },
  overlay: { ok: true },
  bwrap: { ok: true },
  machine,
  seen: null,
  busybox: null,
  runners: new Map(),
  ...changes,
});
const job = (network: "none" | "host" | "user" = "none", name = "unit") =>
  ({ name: parseJobName(name), shape: auto, network }) as const;
const choose = (wish: Wish, host: HostFacts, url: string) =>
  chooseRunner(wish, candidates(wish).map(renderRunner), host, url);
const noQemu = facts({ machine: { ...machine, qemu: null } });

test("the strongest comes first, and a network rules out what does not have it", () => {
  const backends = (network: "none" | "host" | "user") => candidates(job(network)).map((one) => one.backend);
  assert.equal(backends("none"), ["minivm", "microvm", "sandbox"]);
  assert.equal(backends("user"), ["minivm", "microvm"]);
  assert.equal(backends("host"), ["sandbox"]);
  assert.equal(candidates({ shape: { backend: "sandbox" }, network: "none" }), [{ backend: "sandbox" }]);
});

test("a machine where it works, with the size that was asked for", () => {
  const { flake, passedOver } = choose(job(), facts(), "local");
  assert.equal(flake.shape, { backend: "minivm", vcpu: 1, memoryMiB: 512 });
  assert.equal(passedOver, []);
});

test("else the sandbox, with the reason and the fix", () => {
  const choice = choose(job(), noQemu, "local");
  assert.equal(choice.flake.shape, { backend: "sandbox" });
  const [note, other, ...more] = passedOverNotes(
    new Map([
      ["unit", choice],
      ["lint", choice],
      ["other", choose(job(), facts(), "local")],
    ]),
  );
  assert.equal(more, []);
  assert.is(
    note?.message,
    "unit, lint in sandbox, not in minivm: QEMU is missing, which a virtual machine needs",
  );
  assert.match(note?.hint ?? "", "qemu-system-x86");
  assert.match(other?.message ?? "", /not in microvm: it has no KVM .*; it has not been built there yet$/);
});

test("NixOS where the host has the parts of no machine, KVM, and its runner", () => {
  const kvm = { ...machine, qemu: null, kvm: true };
  const [, nixos] = candidates(job());
  assert.ok(nixos);
  const storePath = parseStorePath(`/nix/store/${"0".repeat(32)}-runner`);
  const built = (state: "ready" | "gone") =>
    facts({
      machine: kvm,
      runners: new Map([[renderRunner(nixos).contentHash, { state, record: "", storePath }]]),
    });
  assert.equal(choose(job(), built("ready"), "local").flake.shape, nixos);
  const without = choose(job(), built("gone"), "local");
  assert.is(without.flake.shape.backend, "sandbox");
  assert.is(without.passedOver[1]?.why, "it has not been built there yet");
});

test("where nothing works the error names what each lacks", () => {
  for (const [wish, host, message] of [
    [job("user"), facts(), /passt is missing/],
    [
      job(),
      facts({ machine: { ...machine, qemu: null }, missingTools: ["bwrap"] }),
      /QEMU.*`bwrap` is missing/,
    ],
    [job("host"), facts({ bwrap: { ok: false, said: "no" } }), /bubblewrap does not work/],
  ] as const)
    assert.throws(
      () => choose(wish, host, "ssh://h"),
      (error: unknown) =>
        error instanceof InfraError &&
        message.test(error.message) &&
        error.exitCode === 3 &&
        error.hint !== undefined,
    );
});

test.run();
