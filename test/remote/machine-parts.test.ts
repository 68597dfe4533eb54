import { test } from "uvu";
import * as assert from "uvu/assert";
import { type MachineFacts, type MachineKernel, parseMachineFacts } from "../../src/remote/machine.ts";
import { chooseParts } from "../../src/remote/machine-parts.ts";

const builtIn = Object.fromEntries(
  ["virtio_ring", "virtio", "virtio_pci", "virtio_console", "fuse", "virtiofs"].map((name) => [
    name,
    "built-in",
  ]),
);
const kernel = (version: string, changes: Partial<MachineKernel> = {}): MachineKernel => ({
  version,
  image: `/boot/vmlinuz-${version}`,
  readable: true,
  modules: { ...builtIn, overlay: "/m/overlay.ko.xz", virtio_net: "/m/virtio_net.ko" },
  ...changes,
});
const ninep = { "9pnet": "/m/9pnet.ko", "9pnet_virtio": "/m/9pnet_virtio.ko", "9p": "/m/9p.ko" };
const facts = (changes: Partial<MachineFacts> = {}): MachineFacts => ({
  ...{ qemu: "/usr/bin/qemu", bwrap: "/usr/bin/bwrap", virtiofsd: "/usr/libexec/virtiofsd" },
  ...{ passt: "/usr/bin/passt", busybox: "/bin/busybox", kvm: false, release: "6.0" },
  kernels: [kernel("6.12.9")],
  ...changes,
});

/** What is chosen: kernel, transport and modules, or what the problems say. */
function chosen(changes: Partial<MachineFacts>, network = false): string {
  const choice = chooseParts(facts(changes), network ? "user" : "none");
  if (!choice.ok) return choice.problems.map(({ what, fix }) => `${what} → ${fix}`).join("\n");
  const { kernel: image, transport, modules, accel } = choice.parts;
  return [image, transport, accel, ...modules].join(" ");
}

const older = { netfs: "/m/netfs.ko", fscache: "/m/fscache.ko", ...ninep };
const modules61 = {
  ...{ virtio_ring: "/m/virtio_ring.ko", virtio: "/m/virtio.ko", virtio_pci: "/m/virtio_pci.ko" },
  ...{ virtio_pci_modern_dev: "/m/virtio_pci_modern_dev.ko", virtio_console: "/m/virtio_console.ko" },
  ...{ overlay: "/m/overlay.ko", ...older },
};

const choices: readonly (readonly [string, Partial<MachineFacts>, string])[] = [
  ["virtiofs where it can be", {}, "/boot/vmlinuz-6.12.9 virtiofs tcg /m/overlay.ko.xz"],
  [
    "9p without a virtiofsd",
    { virtiofsd: null, kernels: [kernel("6.12.9", { modules: { ...kernel("").modules, ...ninep } })] },
    "/boot/vmlinuz-6.12.9 9p tcg /m/9pnet.ko /m/9pnet_virtio.ko /m/9p.ko /m/overlay.ko.xz",
  ],
  [
    "modules in the order in which they are loaded",
    { virtiofsd: null, kernels: [kernel("6.1.0", { modules: modules61 })] },
    "/boot/vmlinuz-6.1.0 9p tcg /m/virtio_ring.ko /m/virtio.ko /m/virtio_pci_modern_dev.ko /m/virtio_pci.ko /m/virtio_console.ko /m/netfs.ko /m/fscache.ko /m/9pnet.ko /m/9pnet_virtio.ko /m/9p.ko /m/overlay.ko",
  ],
  [
    "the newest kernel by number",
    { kernels: [kernel("6.9.0"), kernel("6.12.9"), kernel("6.2.0")] },
    "/boot/vmlinuz-6.12.9 virtiofs tcg /m/overlay.ko.xz",
  ],
  [
    "the running kernel before a newer one",
    { release: "6.2.0", kernels: [kernel("6.9.0"), kernel("6.2.0")] },
    "/boot/vmlinuz-6.2.0 virtiofs tcg /m/overlay.ko.xz",
  ],
  [
    "another kernel when the newest cannot be read",
    { kernels: [kernel("6.9.0", { readable: false }), kernel("6.2.0")] },
    "/boot/vmlinuz-6.2.0 virtiofs tcg /m/overlay.ko.xz",
  ],
  ["KVM where it works", { kvm: true }, "/boot/vmlinuz-6.12.9 virtiofs kvm /m/overlay.ko.xz"],
];
for (const [what, changes, expected] of choices)
  test(`a machine has ${what}`, () => assert.is(chosen(changes), expected));

test("a network needs its module and passt, and only then", () => {
  assert.match(chosen({}, true), /overlay\.ko\.xz \/m\/virtio_net\.ko$/);
  assert.match(chosen({ passt: null }, true), /^passt is missing.*apt-get install passt/);
  assert.not.match(chosen({ passt: null }), /passt/);
  const noNet = kernel("6.1.0", { modules: { ...builtIn, overlay: "built-in" } });
  assert.match(chosen({ kernels: [noNet] }, true), /has no virtio_net/);
});

const problems: readonly (readonly [Partial<MachineFacts>, RegExp])[] = [
  [{ qemu: null }, /^QEMU is missing.*qemu-system-x86/],
  [{ bwrap: null }, /^bubblewrap is missing/],
  [{ busybox: null }, /^a static busybox is missing.*busybox-static/],
  [{ kernels: [] }, /^no kernel with its modules is installed.*linux-image-cloud-amd64/],
  [{ kernels: [kernel("6.1", { image: null })] }, /^no kernel with its modules/],
  [{ kernels: [kernel("6.1", { readable: false })] }, /vmlinuz-6\.1 cannot be read.*chmod a\+r/],
  [{ kernels: [kernel("6.1", { modules: builtIn })] }, /has no overlay/],
  [{ virtiofsd: null }, /has virtiofs, but virtiofsd 1\.5 or later is missing.*virtiofsd/],
];
for (const [changes, expected] of problems)
  test(`a machine that cannot be: ${expected.source.slice(0, 50)}`, () =>
    assert.match(chosen(changes), expected));

test("neither virtiofs nor 9p is said with the kernel's version", () => {
  const { virtiofs: _, ...less } = kernel("6.1").modules;
  assert.match(chosen({ kernels: [kernel("6.1", { modules: less })] }), /6\.1 has neither virtiofs nor 9p/);
});

test("all that is missing is named at once", () => {
  assert.is(chosen({ qemu: null, busybox: null, kernels: [] }).split("\n").length, 3);
});

test("a probe's answer becomes facts; without one nothing was asked", () => {
  assert.is(parseMachineFacts([["system", "Linux x86_64"]]), null);
  const parsed = parseMachineFacts([
    ["machine_release", "6.0"],
    ["machine_qemu", "/usr/bin/qemu"],
    ["machine_kernel", "6.12.9 /boot/vmlinuz-6.12.9 yes overlay=/m/overlay.ko.xz virtio=built-in"],
    ["machine_kernel", "5.0 none no"],
  ]);
  assert.equal(
    [parsed?.qemu, parsed?.kvm, parsed?.passt, parsed?.release],
    ["/usr/bin/qemu", false, null, "6.0"],
  );
  assert.equal(parsed?.kernels, [
    kernel("6.12.9", { modules: { overlay: "/m/overlay.ko.xz", virtio: "built-in" } }),
    kernel("5.0", { image: null, readable: false, modules: {} }),
  ]);
});

test.run();
