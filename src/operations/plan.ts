import { basename, posix } from "node:path";
import type { HostUrl, JobName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { NixOptions, Plan, PlanNode } from "../core/plan.ts";
import type { PrepareSpec } from "../core/prepared.ts";
import type { HostSpec } from "../core/project.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { storeName } from "../nix/client.ts";
import { parseInstallable } from "../nix/installable.ts";
import { buildWords, NO_NIX_OPTIONS } from "../nix/options.ts";
import { EVALUATION_OPTIONS, prepareKey, wantedOutputs } from "../nix/outputs.ts";
import { isBuild } from "./builds.ts";

interface PlanInput {
  readonly projectId: string;
  readonly target: JobName | null;
  readonly host: HostSpec;
  readonly jobs: readonly JobSpec[];
  readonly skipped: Plan["skipped"];
  readonly nix?: NixOptions;
  /** Of the configuration's `flake.files`. */
  readonly flakeFiles: readonly string[];
}

/** What a run will do, as data: every distinct prepared output once, then the jobs, each after those that it needs. */
export function makePlan(input: PlanInput): Plan {
  const { projectId, target, host, jobs, skipped, nix = NO_NIX_OPTIONS, flakeFiles } = input;
  const prepare = wantedOutputs(jobs).map(({ spec }) => prepareNode(spec, host.url, buildWords(nix)));
  const ids = new Map(jobs.map((job) => [job.name, jobId(job)]));
  const execute = jobs.map((job) => executeNode(job, host.url, ids));
  const nodes = [...prepare, ...execute];
  return {
    schema_version: SCHEMA_VERSION,
    project_id: projectId,
    target,
    host: host.url,
    nix,
    ...(flakeFiles.length === 0 ? {} : { flake_files: flakeFiles }),
    nodes,
    skipped,
  };
}

/** A prepared output's identity within a plan; jobs that share it name the same one. */
function prepareId(spec: PrepareSpec): string {
  return `prepare ${prepareKey(spec)}`;
}

function prepareNode(spec: PrepareSpec, host: HostUrl, nixWords: readonly string[]): PlanNode {
  return { kind: "prepare", id: prepareId(spec), host, spec, argv: prepareArgv(spec, nixWords) };
}

/** Run on the host for a flake output (on the client for one `from: "local"`), on the client for a path; `SNAPSHOT` stands for the published tree. */
function prepareArgv(spec: PrepareSpec, nixWords: readonly string[]): string[] {
  if (spec.kind === "path")
    return ["nix", "store", "add-path", "--name", storeName(basename(spec.path)), "--", spec.path];
  const { dir, attr } = parseInstallable(spec.installable);
  const flake = `path:${posix.join("SNAPSHOT", dir)}#${attr}`;
  return ["nix", "build", "--log-format", "internal-json", EVALUATION_OPTIONS, ...nixWords, flake];
}

function jobId(job: JobSpec): string {
  return `${isBuild(job) ? "build" : "execute"} ${job.name}`;
}

function executeNode(job: JobSpec, host: HostUrl, ids: ReadonlyMap<JobName, string>): PlanNode {
  const jobs = (job.needs ?? []).flatMap((need) => ids.get(need) ?? []);
  const needs = [...new Set(Object.values(job.prepare).map(prepareId)), ...jobs];
  const id = jobId(job);
  if (isBuild(job)) return { kind: "build", id, job: job.name, host, needs };
  return {
    kind: "execute",
    id,
    job: job.name,
    host,
    backend: job.shape.backend,
    command: job.command,
    timeout_ms: job.timeoutMs,
    ...(job.services === undefined ? {} : { services: Object.keys(job.services) }),
    ...(job.retries === undefined ? {} : { retries: job.retries }),
    ...(job.quarantine === undefined ? {} : { quarantine: job.quarantine }),
    needs,
  };
}
