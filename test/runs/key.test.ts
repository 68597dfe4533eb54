import { test } from "uvu";
import * as assert from "uvu/assert";
import { HOST_PART_NAMES, type KeyParts } from "../../src/core/verdict.ts";
import type { MachineFacts } from "../../src/remote/machine.ts";
import { NO_HOST_PARTS } from "../../src/runs/host-view.ts";
import {
  changedParts,
  machinePart,
  parsePreparedPart,
  placePart,
  preparedPart,
  retriesPart,
  servicesPart,
  tellParts,
  verdictKey,
} from "../../src/runs/key.ts";
import { jobSpec } from "../host/guard-rig.ts";

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
    git: "",
    layout: "2",
    command: "c",
    environment: "d",
    "prepared outputs": "e",
    runner: "f",
  },
  ...NO_HOST_PARTS,
  ...{ machine: "QEMU 1, kernel 1", timeout: "g", retries: "", limits: "h", place: "i", secrets: "j" },
};

test("services are another key, and are told, whatever the order of their names and variables", () => {
  const service = {
    command: { kind: "shell", text: "db" },
    ready: null,
    readyMs: 1,
    cwd: "/workspace",
  } as const;
  const [a, b] = [
    { ...service, env: { A: "1", B: "2" } },
    { ...service, env: { B: "2", A: "1" } },
  ];
  assert.is(servicesPart({}), "");
  assert.is(servicesPart({ services: {} }), "");
  assert.is(servicesPart({ services: { x: a, y: b } }), servicesPart({ services: { y: a, x: b } }));
  const others = [{ readyMs: 2 }, { ready: service.command }, { cwd: "/" }, { env: {} }];
  const parted = [a, ...others.map((other) => ({ ...a, ...other }))].map((one) =>
    servicesPart({ services: { x: one } }),
  );
  assert.is(new Set(parted).size, 5);
  const other = { ...parts, services: parted[0] ?? "" };
  assert.is.not(verdictKey(other), verdictKey(parts));
  assert.equal(changedParts(parts, other), ["services"]);
});

test("another machine is another key, and is told", () => {
  const other = { ...parts, machine: "QEMU 1, kernel 2" };
  assert.is.not(verdictKey(other), verdictKey(parts));
  assert.equal(changedParts(parts, other), ["machine"]);
});

test("without needs and services a key has no part for them; what a need left is another key, and is told", () => {
  assert.is(verdictKey(parts), "89051988835de7a3f358a52f05b683de901f6f2ae93aff6aea941291002d4e7d");
  const needy = { ...parts, needs: preparedPart({ build: "1".repeat(64) }) };
  const other = { ...parts, needs: preparedPart({ build: "2".repeat(64) }) };
  assert.is(new Set([parts, needy, other].map(verdictKey)).size, 3);
  assert.equal(changedParts(needy, other), ["needs"]);
  assert.equal(changedParts(parts, other), ["needs"]);
  assert.equal(changedParts(needy, parts), ["needs"]);
  assert.equal(changedParts(needy, { ...parts, needs: null }), [], "not known here");
  assert.is(tellParts(["needs"]), "needs");
});

test("each part of what the guest sees of the host is another key, and is told with the others of its kind", () => {
  for (const name of HOST_PART_NAMES) {
    const other = { ...parts, [name]: "other" };
    assert.is.not(verdictKey(other), verdictKey(parts), name);
    assert.equal(changedParts(parts, other), [name]);
  }
  assert.is(
    tellParts(["files", "host packages", "host /etc", "secrets"]),
    "files, secrets, what the guest sees of the host (packages, /etc)",
  );
  assert.is(tellParts(["command"]), "command");
});

test("another layout of what is published is another key, and is told", () => {
  const other = { ...parts, layout: "3" };
  assert.is.not(verdictKey(other), verdictKey(parts));
  assert.equal(changedParts(parts, other), ["layout"]);
});

test("how often a job may run again is a part of the key; its tests in quarantine only where failures are remembered", () => {
  const part = (more: Parameters<typeof jobSpec>[0]) => retriesPart(jobSpec(more));
  assert.is(part({}), "");
  assert.is(part({ quarantine: ["a"] }), "");
  assert.is.not(part({ retries: 1 }), part({ retries: 2 }));
  assert.is(part({ retries: 1, quarantine: ["a"] }), part({ retries: 1 }));
  assert.is.not(part({ quarantine: ["a"], cache: "all" }), part({ quarantine: ["b"], cache: "all" }));
  assert.is(part({ cache: "all" }), "");
});

test("where something is mounted is a part of the key, in any order; without mounts it is the key of before", () => {
  const place = (mounts?: Readonly<Record<string, string[]>>) =>
    placePart(jobSpec(mounts === undefined ? {} : { mounts }));
  assert.is(place(), JSON.stringify(["/workspace", "user", "read-only", "none"]));
  assert.is.not(place({ a: ["x"] }), place());
  assert.is.not(place({ a: ["x"] }), place({ a: ["y"] }));
  assert.is.not(place({ a: ["x"] }), place({ b: ["x"] }));
  assert.is(place({ a: ["x"], b: ["y"] }), place({ b: ["y"], a: ["x"] }));
});

test("the part of prepared outputs can be read again", () => {
  const paths = { "b c": "/nix/store/b", a: "/nix/store/a" };
  assert.equal(parsePreparedPart(preparedPart(paths)), paths);
  assert.is(preparedPart(paths), preparedPart({ a: "/nix/store/a", "b c": "/nix/store/b" }));
  assert.equal(parsePreparedPart(preparedPart({})), {});
  for (const other of ["", "from-the-future", "{}", '[["a"]]'])
    assert.is(parsePreparedPart(other), null, `${other} is none`);
});

test("a verdict from before machines counted is compared as one without", () => {
  const { machine: _, ...before } = parts;
  assert.equal(changedParts(before as KeyParts, { ...parts, machine: "" }), []);
});

test.run();
