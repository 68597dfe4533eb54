import type * as z from "zod";
import { UsageError } from "../core/errors.ts";
import type { MachineShape } from "../core/machine-shape.ts";
import { explainIssues } from "./issues.ts";
import { runnerSchema } from "./runner-schema.ts";
import { makeShape } from "./shape.ts";

/** A shape as it is typed: a backend's name, or what the configuration has in `runner` as JSON. UsageError. */
export function parseShape(text: string): MachineShape {
  const parsed = runnerSchema.safeParse(text.startsWith("{") ? json(text) : text);
  const shape = parsed.success ? makeShape(parsed.data) : null;
  if (shape !== null && shape.backend !== "auto") return shape;
  const why = parsed.success ? "" : reasonOf(parsed.error);
  throw new UsageError(`not a machine shape: ${text}${why}`, {
    hint: `write sandbox, minivm, microvm, derivation or '{"backend":"minivm","vcpu":2,"memory":"2GiB"}'`,
  });
}

/** What a shape of a known backend has wrong; nothing where the hint says it all. */
function reasonOf({ issues }: z.ZodError): string {
  const told = issues.filter(({ code }) => code !== "invalid_union");
  return told.length === 0 ? "" : ` (${explainIssues(told)})`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
