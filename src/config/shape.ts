import type { z } from "zod";
import { UsageError } from "../errors.ts";
import type { MachineShape, WantedShape } from "../model.ts";
import { runnerSchema } from "./schema.ts";
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

/** A shape as it is typed: a backend's name, or what the configuration has in `runner` as JSON. UsageError. */
export function parseShape(text: string): MachineShape {
  const parsed = runnerSchema.safeParse(text.startsWith("{") ? json(text) : text);
  const shape = parsed.success ? makeShape(parsed.data) : null;
  if (shape !== null && shape.backend !== "auto") return shape;
  throw new UsageError(`not a machine shape: ${text}`, {
    hint: `write sandbox, minivm or '{"backend":"minivm","vcpu":2,"memory":"2GiB"}'`,
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
