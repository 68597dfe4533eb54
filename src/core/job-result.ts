import * as z from "zod";
import { type DocumentOf, ruled } from "./document.ts";
import { parseJobName, parseRunId } from "./ids.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";

/** A `Status`. */
export const statusSchema = z.enum([
  "passed",
  "flaky",
  "failed",
  "timeout",
  "cancelled",
  "infra",
  "skipped",
  "cached",
]);
/** A verdict. A run's is the worst of its jobs'. `flaky`: it failed, and the failure does not count; docs/retries.md. */
export type Status = z.infer<typeof statusSchema>;

/** SHA-256 in hex of the canonical listing of what a job left (src/host/hand-on.sh). */
export const artifactsDigest = z.string().regex(/^[0-9a-f]{64}$/);

/** A `CacheUse` inside a result. */
export const cacheUseSchema = z.object({
  /** `overlay`, `copy`: of what was saved before; `empty`: nothing was. */
  view: z.enum(["overlay", "copy", "empty"]),
  /** `shared`: another job had it first; `unsaved`: an untrusted run or a shell. In both cases nothing is saved. */
  turn: z.enum(["alone", "shared", "unsaved"]),
  /** `kept`: the job did not pass, so what was saved before stays; `failed`: it could not be saved. */
  saved: z.enum(["saved", "unchanged", "kept", "failed", "shared", "unsaved"]),
});

/** How a job used a cache. */
export type CacheUse = DocumentOf<typeof cacheUseSchema>;

/** A `JobAttempt` inside a result. */
export const jobAttemptSchema = z.object({
  status: statusSchema.exclude(["skipped", "cached", "flaky"]),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  started_at: z.string().nullable(),
  duration_ms: z.number().nullable(),
  message: z.string(),
});

/** How one of a job's attempts ended, in the words of its result. */
export type JobAttempt = DocumentOf<typeof jobAttemptSchema>;

/** A `JobResult`, whoever wrote it. */
export const jobResultSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  run_id: ruled(parseRunId),
  job: ruled(parseJobName),
  status: statusSchema,
  /** The command's exit code; null when it was ended or never ran. */
  exit_code: z.int().nullable(),
  /** Name without SIG when the status was above 128, as a shell tells it. */
  signal: z.string().nullable(),
  timed_out: z.boolean(),
  started_at: z.string().nullable(),
  finished_at: z.string(),
  duration_ms: z.number().nullable(),
  /** One line for people: what happened, and for timeout and infra, where. */
  message: z.string(),
  /** By the cache's name; absent where the job has none. */
  caches: z.record(z.string(), cacheUseSchema).optional(),
  /** Every attempt that was made, in order; the other fields are the last one's. Absent where no retry was needed. */
  attempts: z.array(jobAttemptSchema).optional(),
  /** The failing tests that `quarantine` names, when they are why a failure is `flaky`; absent otherwise. */
  quarantined: z.array(z.string()).optional(),
  /** Of a pass: the name of what it left, as its host keeps it for the jobs that need it; absent where none does. */
  artifacts_digest: artifactsDigest.optional(),
});

/** `result.json`: written by the guard, or by the client for a job that never ran. The job cannot write it. */
export type JobResult = DocumentOf<typeof jobResultSchema>;

/** A result from a guard: never `skipped` or `cached`. */
export const guardResultSchema = jobResultSchema.extend({
  status: statusSchema.exclude(["skipped", "cached"]),
});
