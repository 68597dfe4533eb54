import { EMPTY_LOCK, type FlakeLock } from "../../core/flake-lock.ts";
import type { BackendName, MachineShape } from "../../core/machine-shape.ts";
import type { TemplateFile } from "../../core/template-file.ts";
import type { Backend, ShapeOf } from "./backend.ts";
import { derivation } from "./derivation.ts";
import { microvm } from "./microvm.ts";
import { minivm } from "./minivm.ts";
import { sandbox } from "./sandbox.ts";

/** What a machine shape decides of its runner. */
export interface RunnerRecipe {
  readonly templates: readonly string[];
  readonly busybox: boolean;
  readonly params: Readonly<Record<string, unknown>>;
  readonly lock: FlakeLock;
  /** Beside those of the templates. */
  readonly files: readonly TemplateFile[];
}

export function recipeOf(shape: MachineShape): RunnerRecipe {
  switch (shape.backend) {
    case "sandbox":
      return recipe(sandbox, shape);
    case "derivation":
      return recipe(derivation, shape);
    case "minivm":
      return recipe(minivm, shape);
    case "microvm":
      return recipe(microvm, shape);
  }
}

function recipe<Name extends BackendName>(backend: Backend<Name>, shape: ShapeOf<Name>): RunnerRecipe {
  const { templates, busybox } = backend;
  const lock = backend.lock?.(shape) ?? EMPTY_LOCK;
  return { templates, busybox, lock, params: backend.params(shape), files: backend.files?.(shape) ?? [] };
}
