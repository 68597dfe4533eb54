import { createHash } from "node:crypto";
import { BUILD_TYPE, type Statement } from "../../core/attestation.ts";
import { displayPath, toPath } from "../../core/byte-path.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import type { JobName } from "../../core/ids.ts";
import type { Plan } from "../../core/plan.ts";
import type { JobRecord, RunRecord } from "../../core/run-record.ts";
import type { FileDigests } from "../sealed-record.ts";

/** What is known of a run that has ended, each part as it was sealed. */
export interface AttestedRun {
  readonly record: RunRecord & { readonly finished_at: string };
  readonly snapshot: NonNullable<RunRecord["snapshot"]>;
  readonly plan: Pick<Plan, "nix" | "flake_files">;
  /** By job: its `configurationDigest`. Skipped jobs have none. */
  readonly jobs: Readonly<Record<string, string>>;
  readonly digests: FileDigests;
  /** SHA-256 of the files among the artifacts, by their paths in the run's directory. */
  readonly sha256: Readonly<Record<string, string>>;
  /** The version of this pikaci. */
  readonly version: string;
}

type Dependency = Statement["predicate"]["buildDefinition"]["resolvedDependencies"][number];
type Byproduct = Statement["predicate"]["runDetails"]["byproducts"][number];

/** The statement about a run; equal runs give equal statements. */
export function makeStatement(run: AttestedRun): Statement {
  const { record, snapshot, plan, jobs } = run;
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "snapshot", digest: { blake3: snapshot.content_hash } }, ...artifacts(run)],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: {
          project: record.project_id,
          target: record.target,
          jobs,
          flake_files: plan.flake_files ?? [],
          nix: plan.nix,
        },
        resolvedDependencies: [
          ...sources(snapshot),
          ...record.jobs.flatMap(runnerOf),
          ...record.jobs.flatMap(preparedOf),
        ],
      },
      runDetails: {
        builder: { id: builderId(record), version: { pikaci: run.version } },
        metadata: {
          invocationId: record.run_id,
          startedOn: record.created_at,
          finishedOn: record.finished_at,
        },
        byproducts: record.jobs.map((job) => verdictOf(job, run.digests)),
      },
    },
  };
}

/**
 * SHA-256 of a job as `job.json` has it, but for what only describes it or says what becomes of a failure. A key that this
 * pikaci does not know counts, too.
 */
export function configurationDigest(job: object): string {
  const decides = Object.entries(job).filter(([name]) => !BESIDES.includes(name));
  const text = canonicalJson(JSON.parse(JSON.stringify(Object.fromEntries(decides))));
  return createHash("sha256").update(text).digest("hex");
}

const BESIDES = ["schema_version", "description", "keepFailedMs"];

/** Files alone: a digest of in-toto is one of content. */
function artifacts({ digests, sha256 }: AttestedRun): Statement["subject"] {
  return Object.entries(sha256).map(([path, sha]) => {
    const blake3 = digests[path]?.split(" ").at(-1) ?? "";
    return { name: displayPath(toPath(path)), digest: { blake3, sha256: sha } };
  });
}

function sources({
  content_hash,
  source,
  file_count,
  byte_count,
  git,
}: AttestedRun["snapshot"]): Dependency[] {
  const tree = {
    name: "snapshot",
    digest: { blake3: content_hash },
    annotations: { file_count, byte_count },
  };
  const { git_head: gitCommit, git_dirty: dirty } = source;
  const commit =
    gitCommit === null ? [] : [{ name: "commit", digest: { gitCommit }, annotations: { dirty } }];
  const repository =
    git === undefined
      ? []
      : [{ name: REPOSITORY, digest: { blake3: git.content_hash }, annotations: { key: git.key } }];
  return [tree, ...commit, ...repository];
}

/** The tree with the `.git` that jobs with `git: true` see; its annotation `key` is the `gitKey`. */
export const REPOSITORY = "repository";

function runnerOf({ job, runner }: JobRecord): Dependency[] {
  if (runner === null) return [];
  const { backend, content_hash, store_path } = runner;
  return [
    {
      name: `runner of ${job}`,
      uri: `file://${store_path}`,
      digest: { blake3: content_hash },
      annotations: { backend },
    },
  ];
}

function preparedOf({ job, prepared }: JobRecord): Dependency[] {
  return Object.entries(prepared).map(([name, path]) => ({
    name: `prepared for ${job}: ${name}`,
    uri: `file://${path}`,
  }));
}

/** A host's address is a URI; of `local`, the machine's name tells which. */
function builderId({ host, client }: RunRecord): string {
  return host === "local" ? `local://${encodeURIComponent(client.hostname)}` : host;
}

function verdictOf({ job, result, cached_from }: JobRecord, digests: FileDigests): Byproduct {
  const status = result?.status ?? "infra";
  const digest = digests[`jobs/${job}/result.json`];
  return {
    name: `verdict of ${job}`,
    digest: digest === undefined ? {} : { blake3: digest },
    annotations: {
      job,
      status,
      exit_code: result?.exit_code ?? null,
      ran_in:
        cached_from?.run_id ??
        (status === "cached" || status === "skipped" ? null : (result?.run_id ?? null)),
    },
  };
}

/** The verdict of a job in a statement; null when it has none, or more than one. */
export function attestedVerdict({ predicate }: Statement, job: JobName): Byproduct["annotations"] | null {
  const found = predicate.runDetails.byproducts.filter(({ annotations }) => annotations.job === job);
  return found.length === 1 ? (found[0]?.annotations ?? null) : null;
}
