import type { Statement } from "../../core/attestation.ts";
import type { ContentHash, JobName, RunId } from "../../core/ids.ts";
import type { Finding } from "../verify-files.ts";
import { attestedVerdict, REPOSITORY } from "./statement.ts";

/** A job that would run otherwise. */
interface WantedJob {
  readonly name: JobName;
  /** Its `configurationDigest`, by the configuration that decides. */
  readonly digest: string;
  /** The `gitKey` of the repository as it is; null for a job that sees none. */
  readonly gitKey: string | null;
}

/** What a statement must say so that nothing need run again. */
export interface Wanted {
  readonly project: string;
  readonly contentHash: ContentHash;
  readonly flakeFiles: readonly string[];
  /** At least one. */
  readonly jobs: readonly WantedJob[];
  /** Milliseconds since each job's command ran. */
  readonly maxAgeMs: number;
}

/** Clocks of two machines may differ by this, in milliseconds. */
const SKEW_MS = 300_000;

/** Every reason why a statement does not stand for a run of the wanted jobs now; empty when it does. Pure. */
export function refusals(statement: Statement, wanted: Wanted, now: Date): Finding[] {
  return [
    ...ofTree(statement, wanted),
    ...ofConfiguration(statement, wanted),
    ...wanted.jobs.flatMap((job) => ofJob(statement, job, wanted.maxAgeMs, now)),
    ...ofTime(
      "the run",
      Date.parse(statement.predicate.runDetails.metadata.finishedOn),
      wanted.maxAgeMs,
      now,
    ),
  ];
}

function ofTree({ subject }: Statement, { contentHash }: Wanted): Finding[] {
  const [tree, ...more] = subject.filter(({ name }) => name === "snapshot");
  const found = more.length === 0 ? (tree?.digest.blake3 ?? "none") : "more than one";
  return differs("the content hash", found, contentHash);
}

function ofConfiguration({ predicate }: Statement, wanted: Wanted): Finding[] {
  const { project, flake_files, nix } = predicate.buildDefinition.externalParameters;
  const words = [...nix.evaluation, ...nix.rest, ...(nix.impure ? ["--impure"] : [])];
  const told = { what: "Nix", why: `was told ${words.join(" ")}, which no configuration says` };
  return [
    ...differs("the project", project, wanted.project),
    ...differs("`flake.files`", JSON.stringify(flake_files), JSON.stringify(wanted.flakeFiles)),
    ...(words.length > 0 ? [told] : []),
  ];
}

function ofJob(statement: Statement, job: WantedJob, maxAgeMs: number, now: Date): Finding[] {
  const { name } = job;
  const verdict = attestedVerdict(statement, name);
  if (verdict === null) return [{ what: name, why: "has no verdict in it, or more than one" }];
  const { status, exit_code, ran_in } = verdict;
  const passed = (status === "passed" || status === "cached") && exit_code === 0;
  const { buildDefinition } = statement.predicate;
  const digest = own(buildDefinition.externalParameters.jobs, name) ?? "none";
  return [
    ...(passed ? [] : [{ what: name, why: `is ${status}, exit code ${exit_code}` }]),
    ...differs(`the configuration of ${name}`, digest, job.digest),
    ...(job.gitKey === null ? [] : differs(`the repository of ${name}`, repositoryOf(statement), job.gitKey)),
    ...(ran_in === null
      ? [{ what: name, why: "was run at a time that is not known" }]
      : ofTime(name, timeOf(ran_in), maxAgeMs, now)),
  ];
}

function ofTime(what: string, at: number, maxAgeMs: number, now: Date): Finding[] {
  const age = now.getTime() - at;
  if (age < -SKEW_MS) return [{ what, why: `is of the future: ${new Date(at).toISOString()}` }];
  return age > maxAgeMs ? [{ what, why: `is too old: ${new Date(at).toISOString()}` }] : [];
}

/** When a run began, in milliseconds since 1970: its id says so. */
function timeOf(run: RunId): number {
  return Date.parse(run.replace(/^(....)(..)(..)T(..)(..)(..)Z.*$/, "$1-$2-$3T$4:$5:$6Z"));
}

function repositoryOf({ predicate }: Statement): string {
  const [only, ...more] = predicate.buildDefinition.resolvedDependencies.filter(
    ({ name }) => name === REPOSITORY,
  );
  return more.length === 0 ? String(only?.annotations?.key ?? "none") : "more than one";
}

function own(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function differs(what: string, found: string, wanted: string): Finding[] {
  return found === wanted ? [] : [{ what, why: `is ${found}, and not ${wanted}` }];
}
