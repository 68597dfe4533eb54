import * as z from "zod";
import { type DocumentOf, ruled } from "./document.ts";
import { parseJobName, parseRunId } from "./ids.ts";
import { statusSchema } from "./job-result.ts";
import { nixOptionsSchema } from "./plan.ts";

/** The media type of an in-toto statement, which its signature covers. */
export const STATEMENT_MEDIA_TYPE = "application/vnd.in-toto+json";

/** SSH signatures for any other purpose, such as git's, have another namespace, and are no signatures of attestations. */
export const ATTESTATION_NAMESPACE = "pikaci-attestation";

/** What the parameters of a statement mean; another meaning gets another number. */
export const BUILD_TYPE = "urn:pikaci:run:v1";

const base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/, "is not base64");

/** An `Envelope`. Other fields are passed over, as DSSE wants it; they are not signed. */
export const envelopeSchema = z.object({
  payloadType: z.string(),
  payload: base64,
  signatures: z
    .array(z.object({ keyid: z.string().optional(), sig: base64 }))
    .min(1)
    .max(16),
});

/** A DSSE envelope: a payload, and SSH signatures of it and of its type. */
export type Envelope = DocumentOf<typeof envelopeSchema>;

const digest = z.string().regex(/^[0-9a-f]{64}$/, "is no digest of 64 hex digits");

/** Of in-toto; the digest of a git commit has a name of its own. */
const digests = z.strictObject({
  blake3: digest.optional(),
  sha256: digest.optional(),
  gitCommit: z.string().optional(),
});

const subjectSchema = z.strictObject({ name: z.string(), digest: digests });

/** An input of the run: the snapshot, its commit, repository, runners, prepared outputs. */
const dependencySchema = z.strictObject({
  name: z.string(),
  uri: z.string().optional(),
  digest: digests.optional(),
  annotations: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])).optional(),
});

/** The verdict of a job; the digest is that of its `result.json`. */
const verdictSchema = z.strictObject({
  name: z.string(),
  digest: digests,
  annotations: z.strictObject({
    job: ruled(parseJobName),
    status: statusSchema,
    exit_code: z.int().nullable(),
    /** The run in which the command ran; null where that is not known, or it never ran. */
    ran_in: ruled(parseRunId).nullable(),
  }),
});

/** A `Statement`: strict, since a field that this pikaci does not know may change what the others mean. */
export const statementSchema = z.strictObject({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  subject: z.array(subjectSchema).min(1),
  predicateType: z.literal("https://slsa.dev/provenance/v1"),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: z.literal(BUILD_TYPE),
      externalParameters: z.strictObject({
        project: z.string(),
        target: ruled(parseJobName).nullable(),
        /** By job: SHA-256 of its configuration, with every default filled in. */
        jobs: z.record(z.string(), digest),
        /** Globs: what of the tree its flake is made of. */
        flake_files: z.array(z.string()),
        nix: nixOptionsSchema,
      }),
      resolvedDependencies: z.array(dependencySchema),
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({ id: z.string(), version: z.strictObject({ pikaci: z.string() }) }),
      metadata: z.strictObject({
        invocationId: ruled(parseRunId),
        startedOn: z.iso.datetime(),
        finishedOn: z.iso.datetime(),
      }),
      byproducts: z.array(verdictSchema),
    }),
  }),
});

/** An in-toto statement (v1) with SLSA provenance (v1): what a run was about, and what came of it. */
export type Statement = DocumentOf<typeof statementSchema>;
