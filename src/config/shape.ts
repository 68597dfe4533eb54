import type { z } from "zod";
import type { WantedShape } from "../model.ts";
import type { runnerSchema } from "./schema.ts";
import { parseSize } from "./size.ts";

const VCPU = 2;
const MEMORY_BYTES = 2 * 2 ** 30;

/** The machine shape of a job's `runner`, with every default filled in. */
export function makeShape(input: z.output<typeof runnerSchema>): WantedShape {
  const shape = typeof input === "string" ? { backend: input } : input;
  if (shape.backend === "sandbox" || shape.backend === "derivation") return { backend: shape.backend };
  const memory = ("memory" in shape ? parseSize(shape.memory ?? MEMORY_BYTES) : null) ?? MEMORY_BYTES;
  const vcpu = ("vcpu" in shape ? shape.vcpu : null) ?? VCPU;
  return { backend: shape.backend, vcpu, memoryMiB: Math.floor(memory / 2 ** 20) };
}
