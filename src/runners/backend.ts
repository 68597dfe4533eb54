import type { MachineShape } from "../model.ts";

/** One way to boot a guest. What it needs of a host is checked by src/io/requirements.ts, by name. */
export interface Backend<Shape extends MachineShape = MachineShape> {
  readonly name: Shape["backend"];
  /** Directory below `nix/runners`: `flake.nix` and the files beside it. */
  readonly template: string;
  /** Whatever the template reads from `params.json`, besides `backend` and `systems`. */
  params(shape: Shape): Readonly<Record<string, unknown>>;
}
