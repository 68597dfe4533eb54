import { test } from "uvu";
import * as assert from "uvu/assert";
import type { KeyParts } from "../../src/core/verdict.ts";
import type { MachineFacts } from "../../src/remote/machine.ts";
import { changedParts, machinePart, verdictKey } from "../../src/runs/key.ts";

const modules = Object.fromEntries(
  ["virtio_ring", "virtio", "virtio_pci", "virtio_console", "overlay", "fuse", "virtiofs"].map((name) => [
    name,
    "built-in",
  ]),
);
const facts: MachineFacts = {
  ...{ qemu: "/q", qemuVersion: "QEMU emulator version 10.0.2", bwrap: "/b", virtiofsd: "/v", passt: null },
  ...{ busybox: "/s", kvm: false, release: "6.12.9" },
  kernels: [{ version: "6.12.9", image: "/k", readable: true, modules }],
};
const minivm = { backend: "minivm", vcpu: 1, memoryMiB: 512 } as const;

test("a machine is its QEMU and its kernel, however it is accelerated", () => {
  const part = machinePart(minivm, facts, "none");
  assert.is(part, "QEMU emulator version 10.0.2, kernel 6.12.9");
  assert.is(machinePart(minivm, { ...facts, kvm: true }, "none"), part);
});

test("other runners, and hosts that have no machine, have none", () => {
  assert.is(machinePart({ backend: "sandbox" }, facts, "none"), "");
  assert.is(machinePart(minivm, null, "none"), "");
  assert.is(machinePart(minivm, { ...facts, kernels: [] }, "none"), "");
});

const parts: KeyParts = {
  ...{
    name: "a",
    files: "b",
    layout: "2",
    command: "c",
    environment: "d",
    "prepared outputs": "e",
    runner: "f",
  },
  ...{ machine: "QEMU 1, kernel 1", timeout: "g", limits: "h", place: "i", secrets: "j" },
};

test("another machine is another key, and is told", () => {
  const other = { ...parts, machine: "QEMU 1, kernel 2" };
  assert.is.not(verdictKey(other), verdictKey(parts));
  assert.equal(changedParts(parts, other), ["machine"]);
});

test("another layout of what is published is another key, and is told", () => {
  const other = { ...parts, layout: "3" };
  assert.is.not(verdictKey(other), verdictKey(parts));
  assert.equal(changedParts(parts, other), ["layout"]);
});

test("a verdict from before machines counted is compared as one without", () => {
  const { machine: _, ...before } = parts;
  assert.equal(changedParts(before as KeyParts, { ...parts, machine: "" }), []);
});

test.run();
