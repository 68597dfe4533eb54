import { EMPTY_LOCK, type FlakeLock } from "../../core/flake-lock.ts";
import type { BackendName, MachineShape } from "../../core/machine-shape.ts";
import type { TemplateFile } from "../../core/template-file.ts";
import type { Backend, ShapeOf } from "./backend.ts";
import { derivation } from "./derivation.ts";
import { microvm } from "./microvm.ts";
import { minivm } from "./minivm.ts";
import { sandbox } from "./sandbox.ts";

/** What a machine shape decides of its runner. */
interface RunnerSource {
  readonly templates: readonly string[];
  readonly busybox: boolean;
  readonly params: Readonly<Record<string, unknown>>;
  readonly lock: FlakeLock;
  /** Beside those of the templates. */
  readonly files: readonly TemplateFile[];
}

export function runnerSource(shape: MachineShape): RunnerSource {
  switch (shape.backend) {
    case "sandbox":
      return sourceOf(sandbox, shape);
    case "derivation":
      return sourceOf(derivation, shape);
    case "minivm":
      return sourceOf(minivm, shape);
    case "microvm":
      return sourceOf(microvm, shape);
  }
}

function sourceOf<Name extends BackendName>(backend: Backend<Name>, shape: ShapeOf<Name>): RunnerSource {
  const { templates, busybox } = backend;
  const lock = backend.lock?.(shape) ?? EMPTY_LOCK;
  return { templates, busybox, lock, params: backend.params(shape), files: backend.files?.(shape) ?? [] };
}
