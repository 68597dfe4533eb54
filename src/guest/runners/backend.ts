import type { FlakeLock } from "../../core/flake-lock.ts";
import type { BackendName, MachineShape } from "../../core/machine-shape.ts";
import type { TemplateFile } from "../../core/template-file.ts";

export type ShapeOf<Name extends BackendName> = Extract<MachineShape, { readonly backend: Name }>;

/** One way to boot a guest. What it needs of a host is checked by src/remote/requirements.ts, by name. */
export interface Backend<Name extends BackendName> {
  readonly name: Name;
  /** Directories below `nix/runners` whose files make the flake together. */
  readonly templates: readonly string[];
  /** The host adds its own static busybox to the flake before it builds it: a client's would decide the hash. */
  readonly busybox: boolean;
  /** Whatever the template reads from `params.json`, besides `backend` and `systems`. */
  params(shape: ShapeOf<Name>): Readonly<Record<string, unknown>>;
  /** Of the flake's inputs; without it there are none. */
  lock?(shape: ShapeOf<Name>): FlakeLock;
  /** Beside those of the templates. */
  files?(shape: ShapeOf<Name>): readonly TemplateFile[];
}
