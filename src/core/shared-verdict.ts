import * as z from "zod";
import { type DocumentOf, ruled } from "./document.ts";
import { parseHostUrl, parseJobName, parseRunId } from "./ids.ts";
import { artifactsDigest } from "./job-result.ts";
import { artifactEntrySchema } from "./run-record.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";
import { keyPartsSchema } from "./verdict.ts";

/** The type of a signed verdict, which its signature covers. */
export const VERDICT_MEDIA_TYPE = "application/vnd.pikaci.verdict+json";

/** Of SSH signatures of verdicts: one of an attestation, or of a commit, is none. */
export const VERDICT_NAMESPACE = "pikaci-verdict";

/** What a host keeps under one key is cut off there, in bytes; a larger document is none. */
export const SHARED_BYTES = 65_536;

/** A `SharedVerdict`: strict, since a field that this pikaci does not know may change what the others mean. */
export const sharedVerdictSchema = z.strictObject({
  schema_version: z.literal(SCHEMA_VERSION),
  run_id: ruled(parseRunId),
  job: ruled(parseJobName),
  /** Failures are not shared. */
  status: z.literal("passed"),
  exit_code: z.literal(0),
  parts: keyPartsSchema,
  artifacts: z.array(artifactEntrySchema),
  /** By path below the artifacts: type, and the BLAKE3 of content or target. */
  digests: z.record(z.string(), z.string()),
  /** What the host keeps them as; absent where there are none. */
  artifacts_digest: artifactsDigest.optional(),
  /** As the one who ran it names the host. */
  host: ruled(parseHostUrl),
  /** `USER@MACHINE` of the client that ran it. */
  account: z.string().max(255),
  shared_at: z.iso.datetime(),
});

/** A verdict that a client has signed and left on a host, for others with the same key. */
export type SharedVerdict = DocumentOf<typeof sharedVerdictSchema>;
