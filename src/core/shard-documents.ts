import * as z from "zod";
import { ruled } from "./document.ts";
import { parseJobName } from "./ids.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";

/** Which part of a job with `shards` an instance is, inside a stored job. */
export const shardSchema = z.object({
  /** From 1. */
  index: z.int().positive(),
  count: z.int().positive(),
  /** Globs of the files that are divided among the shards; absent: none are. */
  globs: z.array(z.string()).optional(),
  /** The files that are this shard's; absent until the snapshot is known. */
  files: z.array(z.string()).optional(),
});

/** How files are divided: a list for each shard. */
export const assignmentSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  job: ruled(parseJobName),
  shards: z.array(z.array(z.string())),
});
