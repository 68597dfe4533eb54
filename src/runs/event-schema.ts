import * as z from "zod";
import type { PikaciEvent } from "../core/events.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";

const stage = z.enum(["snapshot", "hash", "publish", "prepare", "render", "execute", "collect"]);
const job = z.string().describe("A job's name");
const jobOrRun = job.nullable().describe("null: the run as a whole");
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.int().nonnegative();
/** A `result.json` or a `run.json`: documents of their own, docs/state-layout.md. */
const document = z.looseObject({ schema_version: z.literal(SCHEMA_VERSION) });

type Fields = Readonly<Record<string, z.ZodType>>;

/** The fields of each event's document beside `schema_version`, `at` and `type`. */
const FIELDS: { readonly [Type in PikaciEvent["type"]]: Fields } = {
  "run-started": {
    run_id: z.string(),
    target: z.string().nullable(),
    host: z.string(),
    jobs: z.array(job),
  },
  "run-finished": {
    record: document.optional().describe("run.json; not in events.jsonl"),
    directory: z.string().optional().describe("Where the record lies; not in events.jsonl"),
    status: z.string().nullable().optional().describe("In events.jsonl"),
    exit_code: z.int().nullable().optional().describe("In events.jsonl"),
  },
  "stage-started": { stage, job: jobOrRun },
  "stage-finished": { stage, job: jobOrRun, duration_ms: z.number().nonnegative() },
  connected: { host: z.string(), work_dir: z.string(), nix_version: z.string() },
  hashed: {
    content_hash: hash,
    file_count: z.int().nonnegative(),
    byte_count: bytes,
    files_read: z.int().nonnegative().describe("Files whose content was read; the others are unchanged"),
  },
  "upload-progress": { bytes, total_bytes: bytes },
  waiting: { what: z.string() },
  published: {
    content_hash: hash,
    outcome: z.enum(["uploaded", "reused", "repaired"]),
    bytes_sent: bytes,
    verified: z.boolean().optional(),
  },
  "nix-log": {
    line: z.string(),
    builder: z.string().optional().describe("The derivation whose builder printed it; absent: Nix itself"),
  },
  "nix-progress": {
    built: z.int().nonnegative(),
    to_build: z.int().nonnegative(),
    building: z.array(z.string()).describe("Names of the derivations under way"),
    copied: z.int().nonnegative(),
    to_copy: z.int().nonnegative(),
    copied_bytes: bytes.optional().describe("Absent where Nix does not say"),
    to_copy_bytes: bytes.optional(),
  },
  prepared: { name: z.string(), store_path: z.string(), outcome: z.enum(["built", "copied", "reused"]) },
  "runner-ready": {
    backend: z.string(),
    content_hash: hash,
    outcome: z.enum(["built", "reused", "repaired"]),
  },
  "job-skipped": { job, reason: z.string() },
  "job-phase": { job, phase: z.enum(["launching", "booting", "running", "ending"]) },
  "job-cache": {
    job,
    cache: z.string(),
    view: z.enum(["overlay", "copy", "empty"]),
    turn: z.enum(["alone", "shared", "unsaved"]).describe("Only `alone` is saved"),
  },
  "job-attempt": {
    job,
    attempt: z.int().min(2),
    of: z.int().min(2).describe("How many there are at most"),
    reason: z.string().describe("How the attempt before ended"),
  },
  "job-log": {
    job,
    bytes,
    text: z.string().optional().describe("Log text; not in events.jsonl"),
    base64: z.string().optional().describe("Instead of `text` where the bytes are not UTF-8"),
  },
  "service-log": {
    job,
    service: z.string().describe("A service of the job, by name; its log comes when the job has ended"),
    bytes,
    text: z.string().optional().describe("Log text; not in events.jsonl"),
    base64: z.string().optional().describe("Instead of `text` where the bytes are not UTF-8"),
  },
  "job-finished": { job, result: document.describe("result.json") },
  "job-kept": { job, run_id: z.string(), until: z.iso.datetime().describe("By the host's clock") },
  "host-log": { job: jobOrRun, line: z.string() },
  warning: { message: z.string(), hint: z.string().nullable() },
};

const common = {
  schema_version: z.literal(SCHEMA_VERSION),
  at: z.iso.datetime().describe("When it happened, by the client's clock"),
};

/** A line of `--events` or of `events.jsonl`. Readers must ignore fields and types that they do not know. */
export const eventSchema = z.union(
  Object.entries(FIELDS).map(([type, fields]) => z.object({ ...common, type: z.literal(type), ...fields })),
);

/** The JSON Schema of such a line, the content of `docs/events.schema.json`. */
export function eventJsonSchema(): object {
  return { title: "an event of pikaci", ...z.toJSONSchema(eventSchema, { io: "input" }) };
}

/** Every type of event with the names of its fields, for the documentation. */
export function eventFields(): readonly (readonly [string, readonly string[]])[] {
  return Object.entries(FIELDS).map(([type, fields]) => [type, Object.keys(fields)]);
}
