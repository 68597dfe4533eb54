import type * as z from "zod";
import type { Hypervisor, WantedShape } from "../core/machine-shape.ts";
import type { runnerSchema } from "./runner-schema.ts";
import { parseSize } from "./size.ts";

const VCPU = 2;
const MEMORY_BYTES = 2 * 2 ** 30;

/** The machine shape of a job's `runner`, with every default filled in. */
export function makeShape(input: z.output<typeof runnerSchema>): WantedShape {
  const shape = typeof input === "string" ? { backend: input } : input;
  if (shape.backend === "sandbox" || shape.backend === "derivation") return { backend: shape.backend };
  const memory = ("memory" in shape ? parseSize(shape.memory ?? MEMORY_BYTES) : null) ?? MEMORY_BYTES;
  const vcpu = ("vcpu" in shape ? shape.vcpu : null) ?? VCPU;
  const size = { vcpu, memoryMiB: Math.floor(memory / 2 ** 20) };
  if (shape.backend !== "microvm") return { backend: shape.backend, ...size };
  const hypervisor = "hypervisor" in shape ? known(shape.hypervisor) : "qemu";
  const modules = ("modules" in shape ? shape.modules : null) ?? [];
  return { backend: "microvm", hypervisor, ...size, modules, project: null };
}

/** The schema has refused firecracker. */
function known(name: Hypervisor | "firecracker" | undefined): Hypervisor {
  return name === undefined || name === "firecracker" ? "qemu" : name;
}
