import * as z from "zod";
import { type DocumentOf, ruled } from "./document.ts";
import { parseHostUrl, parseJobName, parseName } from "./ids.ts";
import { commandSchema } from "./job.ts";
import { prepareSpecSchema } from "./prepared.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";

const words = z.array(z.string());

/** A `NixOptions` inside a plan. */
export const nixOptionsSchema = z.object({
  /** Options that may change the result of an evaluation: part of the key of every prepared output. */
  evaluation: words,
  /** Options that change only how the result is obtained. */
  manner: words,
  /** The words after `--`, for `nix build`; they may change anything. */
  rest: words,
  /** With `--impure` it is unknown what an evaluation depends on, so its outputs are never reused. */
  impure: z.boolean(),
});

/** Options for Nix from the command line, in Nix's own form. */
export type NixOptions = DocumentOf<typeof nixOptionsSchema>;

const planNodeSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("prepare"),
    id: z.string(),
    host: ruled(parseHostUrl),
    spec: prepareSpecSchema,
    argv: words,
  }),
  z.object({
    kind: z.literal("execute"),
    id: z.string(),
    job: ruled(parseJobName),
    host: ruled(parseHostUrl),
    backend: z.string(),
    command: commandSchema,
    timeout_ms: z.number(),
    /** Names of what runs beside the command; absent: nothing. */
    services: words.optional(),
    /** How often it runs again when it fails; absent: never. */
    retries: z.int().optional(),
    /** Tests whose failures do not count; absent: none. */
    quarantine: words.optional(),
    needs: words,
  }),
  /** A job that passes when what it needs builds. */
  z.object({
    kind: z.literal("build"),
    id: z.string(),
    job: ruled(parseJobName),
    host: ruled(parseHostUrl),
    needs: words,
  }),
]);

/** A node of `plan.json`: what `run` will do, as data. */
export type PlanNode = DocumentOf<typeof planNodeSchema>;

/** A `Plan`, as a rerun reads it. */
export const planSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  project_id: z.string(),
  target: ruled(parseName).nullable(),
  host: ruled(parseHostUrl),
  /** A rerun repeats them. */
  nix: nixOptionsSchema,
  /** Globs: what of the tree its flake is made of; absent: nothing. */
  flake_files: words.optional(),
  nodes: z.array(planNodeSchema),
  /** Jobs that will not run, with the reason. */
  skipped: z.array(z.object({ job: ruled(parseJobName), reason: z.string() })),
});

/** `plan.json`. */
export type Plan = DocumentOf<typeof planSchema>;
