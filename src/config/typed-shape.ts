import { UsageError } from "../errors.ts";
import type { MachineShape } from "../model.ts";
import { runnerSchema } from "./schema.ts";
import { makeShape } from "./shape.ts";

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
