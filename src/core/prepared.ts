import * as z from "zod";
import { type DocumentOf, ruled } from "./document.ts";
import { type JobName, parseStorePath, type StorePath } from "./ids.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";
import type { Published } from "./snapshot.ts";

/** A `PrepareSpec` inside a stored job or plan. */
export const prepareSpecSchema = z.discriminatedUnion("kind", [
  /** A flake output that the host builds. */
  z.object({ kind: z.literal("installable"), installable: z.string() }),
  /** A flake output that the client builds and sends. */
  z.object({ kind: z.literal("local"), installable: z.string() }),
  /** A path of the client. */
  z.object({
    kind: z.literal("path"),
    path: z.string(),
    /** Globs below the path of what is left out of it; absent: `defaultExclude`. */
    exclude: z.array(z.string()).optional(),
    /** It must be inside the workspace, also after symlinks are followed. */
    confined: z.boolean().optional(),
  }),
]);

/** What a job asks to have prepared. */
export type PrepareSpec = DocumentOf<typeof prepareSpecSchema>;

/** How a host got a prepared output. */
export const prepareOutcomeSchema = z.enum(["built", "copied", "reused"]);

/** A store path that a job mounts at `/prepared/<name>`. */
export interface PreparedOutput {
  readonly name: JobName;
  readonly spec: PrepareSpec;
  readonly storePath: StorePath;
  readonly outcome: z.infer<typeof prepareOutcomeSchema>;
}

/** A derivation whose builder failed: a fault of the tree, not of the host. */
export interface BuilderFailure {
  /** Its store path. */
  readonly derivation: string;
  /** In Nix's words, as `builder failed with exit code 3`. */
  readonly reason: string;
  /** All that the builder printed; empty where Nix kept no log. */
  readonly log: Buffer;
}

/** Why an output is not there: its own builder failed, or that of something it needs. */
export interface UnbuiltOutput {
  readonly name: JobName;
  readonly spec: PrepareSpec;
  readonly failure: BuilderFailure;
  /** Whether it is another derivation that failed. */
  readonly dependency: boolean;
}

/** The prepared outputs of all jobs of a run, together with what was published. */
export interface Prepared {
  readonly published: Published;
  /** Distinct outputs by the canonical text of their spec; see `prepareKey` in nix/outputs. */
  readonly outputs: ReadonlyMap<string, PreparedOutput>;
  /** Outputs that did not build, by the same text. Each wanted output is in exactly one of the two maps. */
  readonly unbuilt: ReadonlyMap<string, UnbuiltOutput>;
}

/** An `OutputRecord`. */
export const outputRecordSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  key: z.string(),
  store_path: ruled(parseStorePath),
  /** Nix's own JSON. */
  nix: z.unknown(),
});

/** `prepared/<key>/record.json` on a host: what was built or copied. */
export type OutputRecord = DocumentOf<typeof outputRecordSchema>;
