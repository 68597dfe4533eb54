import type { FlakeLock } from "../../core/flake-lock.ts";
import type { BackendName, MachineShape } from "../../core/machine-shape.ts";
import type { TemplateFile } from "../../core/template-file.ts";

export type ShapeOf<Name extends BackendName> = Extract<MachineShape, { readonly backend: Name }>;

/** One way to start a guest. src/remote/requirements.ts checks by name what it needs on a host. */
export interface Backend<Name extends BackendName> {
  readonly name: Name;
  /** Directories below `nix/runners` whose files together make the flake. */
  readonly templates: readonly string[];
  /** The host adds its own static busybox to the flake before it builds it; the client's would change the hash. */
  readonly busybox: boolean;
  /** Whatever the template reads from `params.json`, besides `backend` and `systems`. */
  params(shape: ShapeOf<Name>): Readonly<Record<string, unknown>>;
  /** The lock of the flake's inputs; absent: there are none. */
  lock?(shape: ShapeOf<Name>): FlakeLock;
  /** Files in addition to those of the templates. */
  files?(shape: ShapeOf<Name>): readonly TemplateFile[];
}
