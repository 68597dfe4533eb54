import * as z from "zod";
import { type DocumentOf, ruled } from "./document.ts";
import {
  parseContentHash,
  parseHostUrl,
  parseJobName,
  parseName,
  parseRunId,
  parseStorePath,
} from "./ids.ts";
import { artifactsDigest, jobResultSchema, statusSchema } from "./job-result.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";
import { publishOutcomeSchema, sourceInfoSchema } from "./snapshot.ts";

/** An `ArtifactEntry` inside a record or verdict. */
export const artifactEntrySchema = z.object({
  path: z.string(),
  type: z.enum(["file", "symlink", "directory"]),
  size: z.number(),
});

/** Something that a job left in `/artifacts`; `path` is relative to it, `size` in bytes. */
export type ArtifactEntry = DocumentOf<typeof artifactEntrySchema>;

const jobRecordSchema = z.object({
  job: ruled(parseJobName),
  state: z.enum(["pending", "running", "finished"]),
  result: jobResultSchema.nullable(),
  runner: z
    .object({
      backend: z.string(),
      content_hash: ruled(parseContentHash),
      store_path: ruled(parseStorePath),
    })
    .nullable(),
  /** Store paths by the names that the job mounts them at. */
  prepared: z.record(z.string(), ruled(parseStorePath)),
  /** Digests of what it found below /needs, by its names there; absent where it needs nothing. */
  needs: z.record(z.string(), artifactsDigest).optional(),
  /** The needs that did not pass, which is why it was skipped; absent where that was not so. */
  blocked_by: z.array(ruled(parseJobName)).optional(),
  /** How `/workspace` was made: read-only bind, overlay, or a full copy. */
  workspace: z.enum(["read-only", "overlay", "copy"]).nullable(),
  /** Limits that the host could not enforce; absent when there were none. */
  limits_unenforced: z.array(z.string()).optional(),
  /** Of a repeated verdict: the run in which the command ran, and its host where that is known; absent for other verdicts. */
  cached_from: z
    .object({
      run_id: ruled(parseRunId),
      host: ruled(parseHostUrl).nullable(),
      /** Who signed it, by the name among the allowed signers; absent for a run of this workspace. */
      signer: z.string().optional(),
      /** `USER@MACHINE` of the client that ran it, as it says; absent as `signer`. */
      account: z.string().optional(),
    })
    .optional(),
  /** Until when `pikaci shell` can enter what the job left on its host; absent when it was not kept. */
  kept_until: z.iso.datetime().optional(),
  /** Why the job's command could not start a program; absent when it could. */
  hint: z.string().optional(),
  artifacts: z.array(artifactEntrySchema),
  /** Artifacts that were not collected, and why (sockets, devices, unsafe names). */
  artifacts_left_out: z.array(z.string()),
});

/** A job's part of `run.json`. */
export type JobRecord = DocumentOf<typeof jobRecordSchema>;

const recordedSnapshotSchema = z.object({
  content_hash: ruled(parseContentHash),
  file_count: z.number(),
  byte_count: z.number(),
  source: sourceInfoSchema,
  outcome: publishOutcomeSchema.nullable(),
  bytes_sent: z.number(),
  /** The tree together with the `.git` that jobs with `git: true` see, and its part of their keys; absent when no job has one. */
  git: z.object({ content_hash: ruled(parseContentHash), key: z.string() }).optional(),
});

/** A `RunRecord`, without its seal. */
export const runRecordSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  run_id: ruled(parseRunId),
  project_id: z.string(),
  target: ruled(parseName).nullable(),
  host: ruled(parseHostUrl),
  /** The host's name in the configuration, or what `--on` said; absent in records of older pikacis. */
  host_name: z.string().optional(),
  /** The host's work dir as the configuration had it; null: the default one; absent in records of older pikacis. */
  work_dir: z.string().startsWith("/").nullable().optional(),
  state: z.enum(["running", "detached", "finished"]),
  status: statusSchema.nullable(),
  exit_code: z.int().nullable(),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  /** The client's process, to tell a live run from a killed one. */
  client: z.object({ pid: z.int(), started: z.string(), hostname: z.string() }),
  snapshot: recordedSnapshotSchema.nullable(),
  jobs: z.array(jobRecordSchema),
  error: z.object({ kind: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
});

/**
 * `run.json`. However a run ends, its `state` is then `finished`, and `status` is the worst of the jobs'. A `detached` run
 * goes on without a client, until `attach` has fetched its results.
 */
export type RunRecord = DocumentOf<typeof runRecordSchema>;
