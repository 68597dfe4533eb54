import * as z from "zod";
import { type DocumentOf, ruled } from "./document.ts";
import { parseJobName, parseName } from "./ids.ts";
import { type WantedShape, wantedShapeSchema } from "./machine-shape.ts";
import { prepareSpecSchema } from "./prepared.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";
import { shardSchema } from "./shard-documents.ts";

/** A `Command` inside a stored job or plan. */
export const commandSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("argv"), argv: z.array(z.string()) }),
  z.object({ kind: z.literal("shell"), text: z.string() }),
]);

/** What a job runs: words as they are, or text for `sh -c`. */
export type Command = DocumentOf<typeof commandSchema>;

const milliseconds = z.int().nonnegative();

const serviceSchema = z.object({
  command: commandSchema,
  /** Succeeds once the service can be used; null: as soon as it is started. */
  ready: commandSchema.nullable(),
  /** Milliseconds from its start until it has to be ready; only while this machine's processors are not overcommitted. */
  readyMs: milliseconds,
  /** In addition to the job's. */
  env: z.record(z.string(), z.string()),
  /** Absolute path in the guest. */
  cwd: z.string(),
});

/** Of one job; a virtual machine has a port for the log of each. */
export const MOST_SERVICES = 16;

/** A command that runs beside a job's, in its guest. */
export type ServiceSpec = DocumentOf<typeof serviceSchema>;

const limitsSchema = z.object({
  /** Of all its processes together. */
  memoryBytes: z.int().nonnegative().optional(),
  processes: z.int().nonnegative().optional(),
  /** Of any one file. */
  fileBytes: z.int().nonnegative().optional(),
  /** Of any one process. */
  openFiles: z.int().nonnegative().optional(),
});

/** How often a job that fails may run again. */
export const MOST_RETRIES = 10;

/** What a job may use; what is absent is not limited. */
export type JobLimits = DocumentOf<typeof limitsSchema>;

const jobSchema = z.object({
  name: ruled(parseJobName),
  /** The job of the configuration that it is an instance of; absent: it is no instance. */
  group: ruled(parseName).optional(),
  /** Absent: it is the whole job. */
  shard: shardSchema.optional(),
  description: z.string(),
  command: commandSchema,
  limits: limitsSchema.optional(),
  prepare: z.record(z.string(), prepareSpecSchema),
  /** Jobs that must pass before it begins; what those that run left is at /needs/<name>. Absent: none. */
  needs: z.array(ruled(parseJobName)).optional(),
  /** Another job of the project needs what it leaves, so its host keeps that. Absent: none does. */
  handsOn: z.literal(true).optional(),
  /** Where below /workspace prepared outputs are mounted too, by their names there: relative paths; absent: nowhere. */
  mounts: z.record(z.string(), z.array(z.string())).optional(),
  /** It passes when `prepare` builds; only a shell starts a guest for it, and its command is not used. Absent: no. */
  builds: z.literal(true).optional(),
  /** Milliseconds from the command's start to TERM. */
  timeoutMs: milliseconds,
  /** Milliseconds that what it leaves when it fails is kept on its host for `pikaci shell`; absent: not kept. */
  keepFailedMs: milliseconds.optional(),
  /** Milliseconds that the command may print nothing; absent: no limit. */
  silenceMs: milliseconds.optional(),
  /** How often it runs again when it fails; absent: never. */
  retries: z.int().min(1).max(MOST_RETRIES).optional(),
  /** Tests of its reports whose failures do not count, by patterns; absent: none. */
  quarantine: z.array(z.string()).optional(),
  /** Globs over the files that its verdict depends on; absent or empty: all. */
  inputs: z.array(z.string()).optional(),
  /** Which verdicts are remembered; absent: passes, but nothing of a job with a network. */
  cache: z.enum(["passed", "all", "never"]).optional(),
  /** Names of the client's environment variables whose values the guest gets as secrets. */
  secrets: z.array(z.string()).optional(),
  /** Names of directories that it finds in /cache, and that are saved when it passes. */
  caches: z.array(ruled(parseName)).optional(),
  /** What runs beside its command, by name; absent: nothing. */
  services: z.record(z.string(), serviceSchema).optional(),
  /** Whether it has a `.git` in /workspace; absent: no. */
  git: z.boolean().optional(),
  /** Absent: yes. */
  saveCaches: z.boolean().optional(),
  /** Who wrote the job's tree; absent: trusted. */
  author: z.literal("stranger").optional(),
  env: z.record(z.string(), z.string()),
  /** Absolute path in the guest. */
  cwd: z.string(),
  user: z.enum(["user", "root"]),
  workspace: z.enum(["read-only", "private"]),
  /** `host`: the host's own; `user`: a machine's, without the host's loopback. */
  network: z.enum(["none", "host", "user"]),
});

/** A job of a project, every default filled in. */
export type JobSpec = DocumentOf<typeof jobSchema> & { readonly shape: WantedShape };

/** `job.json` of a run's record: a job as the run had it, so that it can be run again. */
export const storedJobSchema = jobSchema.extend({
  schema_version: z.literal(SCHEMA_VERSION),
  shape: wantedShapeSchema,
});
