import * as z from "zod";
import { type DocumentOf, ruled } from "./document.ts";
import { parseJobName, parseRunId } from "./ids.ts";
import { artifactsDigest } from "./job-result.ts";
import { artifactEntrySchema } from "./run-record.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";

/** Parts of a key for what the guest sees of the host; empty where it sees nothing of that part. */
export const HOST_PART_NAMES = [
  "host packages",
  "host /usr/local",
  "host /etc",
  "host architecture",
] as const;
/** Those parts by name: digests, and for the architecture Nix's name of the platform. */
export type HostParts = { readonly [Name in (typeof HOST_PART_NAMES)[number]]: string };

/** In the order in which changes are reported. */
export const KEY_PART_NAMES = [
  "name",
  "files",
  "git",
  "layout",
  "command",
  "environment",
  "prepared outputs",
  "runner",
  "machine",
  ...HOST_PART_NAMES,
  "timeout",
  "retries",
  "limits",
  "place",
  "secrets",
] as const;

/** Parts that most jobs lack: a key without them is the same as before they existed. */
export const OPTIONAL_PART_NAMES = ["needs", "services"] as const;

/** Every part, in the order in which changes are reported. */
export const ALL_PART_NAMES = [...KEY_PART_NAMES, ...OPTIONAL_PART_NAMES] as const;

/** Exactly these parts: the key of an older or newer pikaci, with other parts, is not accepted. */
export const keyPartsSchema = z.strictObject({
  ...partsOf(z.string()),
  needs: z.string().optional(),
  services: z.string().optional(),
});

/** Everything that decides a job's verdict, by the word that `why` uses for it; each is text. */
export type KeyParts = DocumentOf<typeof keyPartsSchema>;

const verdictSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  run_id: ruled(parseRunId),
  job: ruled(parseJobName),
  status: z.enum(["passed", "failed"]),
  exit_code: z.int(),
  parts: keyPartsSchema,
  artifacts: z.array(artifactEntrySchema),
  /** By path below the run's artifacts: type, and the BLAKE3 of content or target. */
  digests: z.record(z.string(), z.string()),
  /** What jobs that need it find; absent when it was handed to none. */
  artifacts_digest: artifactsDigest.optional(),
});

/** A verdict as it is stored, sealed by the account that stored it. */
export const storedVerdictSchema = verdictSchema.extend({ mac: z.string() });

/** The result of a job with this key, and the run that it is from. */
export type Verdict = DocumentOf<typeof verdictSchema>;

/**
 * `verdict-key.json` of a job: what its verdict depends on, whether the run is untrusted, and what becomes of the verdict:
 * `remember` it, or only forget a pass that a failure will `contradict` (`--no-cache`).
 */
export const storedKeySchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  untrusted: z.boolean(),
  /** Runs of pikaci 0.1.0, without this field, remembered their verdicts. */
  purpose: z.enum(["remember", "contradict"]).default("remember"),
  parts: keyPartsSchema,
});
/** What `verdict-key.json` holds, without its version. */
export type StoredKey = Omit<DocumentOf<typeof storedKeySchema>, "schema_version">;

function partsOf(part: z.ZodString): Record<(typeof KEY_PART_NAMES)[number], z.ZodString> {
  return {
    name: part,
    files: part,
    git: part,
    layout: part,
    command: part,
    environment: part,
    "prepared outputs": part,
    runner: part,
    machine: part,
    "host packages": part,
    "host /usr/local": part,
    "host /etc": part,
    "host architecture": part,
    timeout: part,
    retries: part,
    limits: part,
    place: part,
    secrets: part,
  };
}
