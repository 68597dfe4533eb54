import { ConfigError } from "../../core/errors.ts";
import { type FlakeLock, parseFlakeLock } from "../../core/flake-lock.ts";
import type { MicrovmShape } from "../../core/machine-shape.ts";
import type { TemplateFile } from "../../core/template-file.ts";
import { completeLock, pinInputs } from "../../nix/flake-lock.ts";
import { readGuestModule, readOwnLock } from "../template.ts";
import type { Backend } from "./backend.ts";

const INPUTS = ["nixpkgs", "microvm"];

/** A NixOS virtual machine by microvm.nix; the sandbox runs inside it. */
export const microvm: Backend<"microvm"> = {
  name: "microvm",
  templates: ["microvm", "launch", "machine", "jail", "cover", "mounts", "services", "etc"],
  busybox: false,
  params: (shape) => ({
    hypervisor: shape.hypervisor,
    vcpu: shape.vcpu,
    memory_mib: shape.memoryMiB,
    modules: shape.modules.map((path) => path.split(".")),
    project_inputs: projectInputs(shape),
    ...(shape.hypervisor === "vfkit" ? { systems: ["aarch64-darwin", "x86_64-darwin"] } : {}),
  }),
  lock: (shape) => runnerLock(shape.project?.lock ?? null, projectInputs(shape)),
  files: (shape) => [...readGuestModule(), ...projectFiles(shape)],
};

/**
 * nixpkgs and microvm.nix as the project's lock has them, each from pikaci's own lock where it has none, and the
 * project's inputs of these names. ConfigError for a lock that a runner cannot use.
 */
export function runnerLock(lock: FlakeLock | null, names: readonly string[]): FlakeLock {
  const own = parseFlakeLock(readOwnLock());
  if (lock === null) return pinInputs(own, INPUTS);
  return pinInputs(completeLock(lock, INPUTS, own), [...new Set([...INPUTS, ...names])]);
}

/** All inputs of the project's flake where its modules are wanted: they are evaluated by it. */
function projectInputs({ modules, project }: MicrovmShape): string[] {
  const lock = project?.lock ?? null;
  return lock === null || modules.length === 0 ? [] : Object.keys(lock.nodes[lock.root]?.inputs ?? {});
}

function projectFiles({ modules, project }: MicrovmShape): TemplateFile[] {
  if (modules.length === 0) return [];
  if (project === null || project.files.length === 0)
    throw new ConfigError("`modules` are parts of a project's flake, and there is no project here", {
      hint: "run `pikaci render` in the project's directory",
    });
  return project.files.map((file) => ({ ...file, path: `project/${file.path}` }));
}
