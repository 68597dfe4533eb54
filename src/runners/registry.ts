import type { MachineShape } from "../model.ts";
import { derivation } from "./derivation.ts";
import { minivm } from "./minivm.ts";
import { sandbox } from "./sandbox.ts";

/** What a machine shape decides of its runner. */
export interface RunnerRecipe {
  readonly templates: readonly string[];
  readonly busybox: boolean;
  readonly params: Readonly<Record<string, unknown>>;
}

export function recipeOf(shape: MachineShape): RunnerRecipe {
  switch (shape.backend) {
    case "sandbox":
      return { ...sandbox, params: sandbox.params(shape) };
    case "derivation":
      return { ...derivation, params: derivation.params(shape) };
    case "minivm":
      return { ...minivm, params: minivm.params(shape) };
  }
}
