import { z } from "zod";
import { PikaciError } from "../core/errors.ts";
import { parseContentHash, parseHostUrl, parseJobName, parseRunId, parseStorePath } from "../core/ids.ts";
import { type RunRecord, SCHEMA_VERSION } from "../core/model.ts";
import { cacheUseSchema } from "../guest/job-caches.ts";

/** A ruled string of src/core/ids.ts inside a document. */
function ruled<T>(parse: (text: string) => T) {
  return z.string().transform((text, check) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof PikaciError)) throw error;
      check.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  });
}

const status = z.enum(["passed", "failed", "timeout", "cancelled", "infra", "skipped", "cached"]);

const jobResult = z.object({
  schema_version: z.number(),
  run_id: ruled(parseRunId),
  job: ruled(parseJobName),
  status,
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  timed_out: z.boolean(),
  started_at: z.string().nullable(),
  finished_at: z.string(),
  duration_ms: z.number().nullable(),
  message: z.string(),
  caches: z.record(z.string(), cacheUseSchema).optional(),
});

const jobRecord = z.object({
  job: ruled(parseJobName),
  state: z.enum(["pending", "running", "finished"]),
  result: jobResult.nullable(),
  runner: z
    .object({ backend: z.string(), content_hash: ruled(parseContentHash), store_path: ruled(parseStorePath) })
    .nullable(),
  prepared: z.record(z.string(), ruled(parseStorePath)),
  workspace: z.enum(["read-only", "overlay", "copy"]).nullable(),
  limits_unenforced: z.array(z.string()).optional(),
  kept_until: z.iso.datetime().optional(),
  artifacts: z.array(
    z.object({ path: z.string(), type: z.enum(["file", "symlink", "directory"]), size: z.number() }),
  ),
  artifacts_left_out: z.array(z.string()),
});

const snapshot = z.object({
  content_hash: ruled(parseContentHash),
  file_count: z.number(),
  byte_count: z.number(),
  source: z.object({ git_head: z.string().nullable(), git_dirty: z.boolean() }),
  outcome: z.enum(["uploaded", "reused", "repaired"]).nullable(),
  bytes_sent: z.number(),
});

const runRecord = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  run_id: ruled(parseRunId),
  project_id: z.string(),
  target: ruled(parseJobName).nullable(),
  host: ruled(parseHostUrl),
  state: z.enum(["running", "detached", "finished"]),
  status: status.nullable(),
  exit_code: z.int().nullable(),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  client: z.object({ pid: z.int(), started: z.string(), hostname: z.string() }),
  snapshot: snapshot.nullable(),
  jobs: z.array(jobRecord),
  error: z.object({ kind: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
});

export type ParsedRecord = { readonly record: RunRecord } | { readonly broken: string };

/** A `run.json`, checked; `runId` is the directory's name, which the record must repeat. */
export function parseRecord(value: unknown, runId: string): ParsedRecord {
  const version = z.object({ schema_version: z.number() }).safeParse(value);
  if (version.success && version.data.schema_version !== SCHEMA_VERSION)
    return { broken: `written by another version of pikaci (schema_version ${version.data.schema_version})` };
  const parsed = runRecord.safeParse(value);
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    return {
      broken: `not a run record: ${first?.path.join(".") || "run.json"}: ${first?.message ?? "invalid"}`,
    };
  }
  if (parsed.data.run_id !== runId)
    return { broken: `belongs to the run ${JSON.stringify(parsed.data.run_id)}` };
  return { record: parsed.data };
}
