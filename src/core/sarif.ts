import { z } from "zod";
import type { DocumentOf } from "./document.ts";

const locationSchema = z.object({
  uri: z.string().optional(),
  uriBaseId: z.string().optional(),
  /** In the run's `artifacts`. */
  index: z.int().optional(),
});

const messageSchema = z.object({
  text: z.string().optional(),
  /** Of the rule's `messageStrings`. */
  id: z.string().optional(),
  arguments: z.array(z.string()).optional(),
});

const levelSchema = z.enum(["none", "note", "warning", "error"]);

const ruleSchema = z.object({
  id: z.string().optional(),
  defaultConfiguration: z.object({ level: levelSchema.optional() }).optional(),
  messageStrings: z.record(z.string(), z.object({ text: z.string() })).optional(),
});

const resultSchema = z.object({
  ruleId: z.string().optional(),
  ruleIndex: z.int().optional(),
  level: levelSchema.optional(),
  /** Without it, `fail`. */
  kind: z.string().optional(),
  message: messageSchema,
  locations: z
    .array(
      z.object({
        physicalLocation: z
          .object({
            artifactLocation: locationSchema.optional(),
            region: z.object({ startLine: z.int().optional() }).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
  suppressions: z.array(z.object({ status: z.string().optional() })).optional(),
});

/** A `Sarif` document: what of SARIF 2.1.0 tells places; all else in it is passed over. */
export const sarifSchema = z.object({
  version: z.literal("2.1.0"),
  runs: z.array(
    z.object({
      tool: z.object({ driver: z.object({ name: z.string(), rules: z.array(ruleSchema).optional() }) }),
      originalUriBaseIds: z.record(z.string(), locationSchema).optional(),
      artifacts: z.array(z.object({ location: locationSchema.optional() })).optional(),
      /** Null where the tool never began to look. */
      results: z.array(resultSchema).nullish(),
    }),
  ),
});

/** What a static analysis says, in OASIS' format (SARIF 2.1.0). */
export type Sarif = DocumentOf<typeof sarifSchema>;
