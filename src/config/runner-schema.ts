import * as z from "zod";
import { object, size } from "./fields.ts";
import { parseSize } from "./size.ts";

const RUNNER_RULE =
  'unknown runner; write "sandbox", "minivm", "microvm", "derivation", "auto" or { "backend": "minivm", "vcpu": 2, "memory": "2GiB" }';
const MIN_MEMORY = 128 * 2 ** 20;
const machineMemory = size
  .refine((value) => (parseSize(value) ?? MIN_MEMORY) >= MIN_MEMORY, "a machine needs at least 128MiB")
  .describe("Memory of the machine; default 2GiB");
const vcpu = z.int().min(1).max(64).optional().describe("Processors of the machine; default 2");
const ATTRIBUTE_RULE = 'expected attribute paths of the project\'s flake, as in ["nixosModules.ci"]';
const microvmShape = object({
  backend: z.literal("microvm").describe("What boots the guest"),
  hypervisor: z
    .enum(["qemu", "cloud-hypervisor", "crosvm", "vfkit", "firecracker"])
    .refine((name) => name !== "firecracker", {
      error:
        'firecracker has no shared directories, which a guest needs; write "qemu", "cloud-hypervisor" or "crosvm"',
    })
    .optional()
    .describe(
      "What runs the machine: qemu, cloud-hypervisor, crosvm, or vfkit (for `pikaci render` only); default qemu",
    ),
  vcpu,
  memory: machineMemory.optional(),
  modules: z
    .array(z.string().regex(/^[A-Za-z_][\w'-]*(\.[A-Za-z_][\w'-]*)*$/, ATTRIBUTE_RULE), {
      error: ATTRIBUTE_RULE,
    })
    .optional()
    .describe("Additional NixOS modules for the guest, from the project's flake, by attribute path"),
});
/** A job's machine shape, as it is written. */
export const runnerSchema = z
  .union(
    [
      z.enum(["sandbox", "minivm", "microvm", "derivation", "auto"]),
      object({ backend: z.enum(["sandbox", "derivation"]).describe("What boots the guest") }),
      object({
        backend: z.enum(["minivm", "auto"]).describe("What boots the guest"),
        vcpu,
        memory: machineMemory.optional(),
      }),
      microvmShape,
    ],
    { error: RUNNER_RULE },
  )
  .describe(
    "sandbox: namespaces of the host's kernel; minivm: a virtual machine; microvm: NixOS in one; derivation: a Nix build; auto: the strongest that works",
  );
