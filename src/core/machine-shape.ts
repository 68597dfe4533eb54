import * as z from "zod";
import { type DocumentOf, ruled } from "./document.ts";
import { type FlakeLock, flakeLockSchema } from "./flake-lock.ts";
import { type ContentHash, parseContentHash, parseStorePath, type StorePath } from "./ids.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";
import type { TemplateFile } from "./template-file.ts";

/** The parts of the project's flake that a runner uses. */
export interface ProjectFlake {
  /** Null: the project has no `flake.lock`. */
  readonly lock: FlakeLock | null;
  /** The files that its modules are evaluated from; empty without modules. */
  readonly files: readonly TemplateFile[];
}

const hypervisorSchema = z.enum(["qemu", "cloud-hypervisor", "crosvm", "vfkit"]);
/** The program that runs a microvm. */
export type Hypervisor = z.infer<typeof hypervisorSchema>;

/** NixOS through microvm.nix. */
export interface MicrovmShape {
  readonly backend: "microvm";
  readonly hypervisor: Hypervisor;
  readonly vcpu: number;
  readonly memoryMiB: number;
  /** Attribute paths of NixOS modules in the project's flake. */
  readonly modules: readonly string[];
  /** Null: everything comes from pikaci itself. */
  readonly project: ProjectFlake | null;
}

/** Everything that a runner depends on: nothing of the job, the run or the snapshot; docs/render.md. */
export type MachineShape =
  | { readonly backend: "sandbox" }
  | { readonly backend: "derivation" }
  | { readonly backend: "minivm"; readonly vcpu: number; readonly memoryMiB: number }
  | MicrovmShape;

/** What a job asks for: a shape, or `auto`, the strongest that works on its host. */
export type WantedShape =
  | MachineShape
  | {
      readonly backend: "auto";
      readonly vcpu: number;
      readonly memoryMiB: number;
      /** Of the snapshot, where its files are here. */
      readonly project?: ProjectFlake | undefined;
    };

/** What starts a guest: each is a file of guest/runners. `auto` is not a backend, but chooses one. */
export type BackendName = MachineShape["backend"];

/** A file of the project's flake as JSON has it: Node writes a Buffer as an object with its bytes. */
const templateFileSchema = z.object({
  path: z.string(),
  executable: z.boolean(),
  content: z
    .object({ type: z.literal("Buffer"), data: z.array(z.int().min(0).max(255)) })
    .transform(({ data }) => Buffer.from(data)),
});
const projectFlakeSchema = z.object({
  lock: flakeLockSchema.nullable(),
  files: z.array(templateFileSchema),
});
const size = { vcpu: z.int().positive(), memoryMiB: z.int().positive() };

/** A `WantedShape` inside a stored job. */
export const wantedShapeSchema = z.discriminatedUnion("backend", [
  z.object({ backend: z.literal("sandbox") }),
  z.object({ backend: z.literal("derivation") }),
  z.object({ backend: z.literal("minivm"), ...size }),
  z.object({
    backend: z.literal("microvm"),
    hypervisor: hypervisorSchema,
    ...size,
    modules: z.array(z.string()),
    project: projectFlakeSchema.nullable(),
  }),
  z.object({ backend: z.literal("auto"), ...size, project: projectFlakeSchema.optional() }),
]);

/** How a host got a runner. */
export const runnerOutcomeSchema = z.enum(["built", "reused", "repaired"]);

/** A store path that boots a guest. */
export interface Runner {
  readonly shape: MachineShape;
  /** Content hash of the runner flake. */
  readonly contentHash: ContentHash;
  readonly storePath: StorePath;
  readonly outcome: z.infer<typeof runnerOutcomeSchema>;
}

/** A `RunnerRecord`; a document with other fields was not written by pikaci. */
export const runnerRecordSchema = z.strictObject({
  schema_version: z.literal(SCHEMA_VERSION),
  content_hash: ruled(parseContentHash),
  remote_store_path: ruled(parseStorePath),
});

/** `runners/<content_hash>/pikaci-runner-flake.json` on a host. */
export type RunnerRecord = DocumentOf<typeof runnerRecordSchema>;
