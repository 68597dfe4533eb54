import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseShape } from "../../src/config/typed-shape.ts";
import { UsageError } from "../../src/core/errors.ts";

const machine = (vcpu: number, memoryMiB: number) => ({ backend: "minivm", vcpu, memoryMiB });
const nixos = { ...machine(2, 2048), backend: "microvm", hypervisor: "qemu", modules: [], project: null };
const shapes: readonly (readonly [string, object])[] = [
  ["sandbox", { backend: "sandbox" }],
  ['{"backend":"sandbox"}', { backend: "sandbox" }],
  ["derivation", { backend: "derivation" }],
  ["minivm", machine(2, 2048)],
  ['{"backend":"minivm"}', machine(2, 2048)],
  ['{"backend":"minivm","vcpu":4}', machine(4, 2048)],
  ['{"backend":"minivm","memory":"512MiB"}', machine(2, 512)],
  ['{"backend":"minivm","memory":1000000000}', machine(2, 953)],
  ["microvm", nixos],
  ['{"backend":"microvm","hypervisor":"crosvm"}', { ...nixos, hypervisor: "crosvm" }],
  ['{"backend":"microvm","modules":["nixosModules.ci"]}', { ...nixos, modules: ["nixosModules.ci"] }],
];
for (const [text, shape] of shapes) test(`${text} is a shape`, () => assert.equal(parseShape(text), shape));

for (const text of [
  "",
  "moon",
  "auto",
  "{",
  '{"backend":"moon"}',
  '{"backend":"minivm","vcpu":0}',
  '{"vcpu":1}',
])
  test(`${JSON.stringify(text)} is none`, () =>
    assert.throws(
      () => parseShape(text),
      (error: unknown) =>
        error instanceof UsageError && error.exitCode === 2 && /minivm/.test(error.hint ?? ""),
    ));

for (const [text, reason] of [
  ['{"backend":"microvm","hypervisor":"firecracker"}', /hypervisor: firecracker has no shared directories/],
  ['{"backend":"microvm","modules":["a b"]}', /modules\[0\]: expected attribute paths/],
  ['{"backend":"minivm","memory":1}', /memory: a machine needs at least 128MiB/],
] as const)
  test(`${text} is refused with the reason`, () =>
    assert.throws(
      () => parseShape(text),
      (error: unknown) => error instanceof UsageError && error.exitCode === 2 && reason.test(error.message),
    ));

test.run();
