import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { type HostUrl, type JobName, parseHostUrl, parseName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import { type HostSpec, type Project, type TargetSpec, UNFETCHED_MS } from "../core/project.ts";
import type { SnapshotFilters } from "../core/snapshot.ts";
import { DEFAULT_MAX_FILE_SIZE } from "../tree/guards/paths.ts";
import { milliseconds } from "./duration.ts";
import { makeJob } from "./job.ts";
import { jobsNamed } from "./jobs-named.ts";
import { mapRecord } from "./map-record.ts";
import { bindNeeds } from "./needs.ts";
import type { Config } from "./schema.ts";
import { parseSize } from "./size.ts";

type TargetInput = NonNullable<Config["targets"]>[string];
type HostInput = NonNullable<Config["hosts"]>[string];
type SnapshotInput = NonNullable<Config["snapshot"]>;

const LEASE_MS = 120_000;
const IMPLICIT_TARGET = parseName("default");

/** The project with every default filled in; `config` must have passed `crossProblems`. */
export function makeProject(config: Config, workspace: string, configFile: string | null): Project {
  const git = config.git ?? false;
  const jobs = bindNeeds(
    mapRecord(config.jobs, (input, name) => makeJob({ ...input, git: input.git ?? git }, name)),
  );
  const targets = makeTargets(config, jobs);
  const { checks = false } = config;
  const [only = IMPLICIT_TARGET] = Object.values(targets).map((target) => target.name);
  const single = Object.keys(targets).length === 1;
  return {
    id: config.project ?? projectId(workspace),
    workspace,
    configFile,
    defaultHost: config.host ?? "local",
    hosts: { local: localHost(), ...mapRecord(config.hosts ?? {}, makeHost) },
    defaultTarget: config.defaultTarget ? parseName(config.defaultTarget) : single ? only : IMPLICIT_TARGET,
    targets,
    jobs,
    filters: makeFilters(config.snapshot ?? {}),
    flake: { files: config.flake?.files ?? [] },
    ...(checks === false ? {} : { checks: { exclude: (checks === true ? [] : checks.exclude) ?? [] } }),
    limits: limitsOf(config.limits),
  };
}

/** A workspace without a configuration: no jobs, the host `local`. */
export function bareProject(workspace: string): Project {
  return { ...makeProject({ jobs: {} }, workspace, null), targets: {} };
}

/** The directory's name with everything but letters, digits, `.`, `_` and `-` replaced. */
export function projectId(workspace: string): string {
  const safe = basename(workspace)
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 64);
  return safe === "" ? "project" : safe;
}

/** A host that the configuration does not describe. */
export function plainHost(name: string, url: HostUrl): HostSpec {
  return { name, url, workDir: null, leaseMs: LEASE_MS };
}

function localHost(): HostSpec {
  return plainHost("local", parseHostUrl("local"));
}

function makeFilters({
  include = [],
  exclude = [],
  allow = [],
  maxFileSize,
}: SnapshotInput): SnapshotFilters {
  const size = maxFileSize === undefined ? null : parseSize(maxFileSize);
  return { include, exclude, allow, maxFileSize: size ?? DEFAULT_MAX_FILE_SIZE };
}

function makeTargets(config: Config, jobs: Readonly<Record<string, JobSpec>>): Record<string, TargetSpec> {
  const targets = mapRecord(config.targets ?? {}, (input, name) => makeTarget(input, name, jobs));
  if (Object.keys(targets).length > 0) return targets;
  const all = {
    name: IMPLICIT_TARGET,
    description: "all jobs",
    filters: [],
    jobs: Object.values(jobs).map((job) => job.name),
    ...((config.checks ?? false) === false ? {} : { checks: true }),
  };
  return { [IMPLICIT_TARGET]: all };
}

function makeTarget(input: TargetInput, name: JobName, all: Readonly<Record<string, JobSpec>>): TargetSpec {
  // The names of the flake's checks are known only later.
  const named = (job: string) => (jobsNamed(all, job).length > 0 ? jobsNamed(all, job) : [parseName(job)]);
  const jobs = [...new Set(input.jobs.flatMap(named))];
  const checks = input.checks === true ? { checks: true } : {};
  return { name, description: input.description ?? "", filters: input.filters ?? [], jobs, ...checks };
}

function makeHost(input: HostInput, name: JobName): HostSpec {
  const plain = plainHost(name, parseHostUrl(input.url));
  const sendInputs = input.flakeInputs === "send";
  const leaseMs = milliseconds(input.lease, LEASE_MS);
  return { ...plain, workDir: input.workDir ?? null, leaseMs, ...(sendInputs ? { sendInputs } : {}) };
}

const DEFAULT_ARTIFACT_BYTES = 4 * 2 ** 30;

function limitsOf(limits: Config["limits"]): Project["limits"] {
  return {
    jobs: limits?.jobs ?? Math.max(2, availableParallelism()),
    unfetchedMs: milliseconds(limits?.unfetched, UNFETCHED_MS),
    artifactBytes: parseSize(limits?.artifacts ?? DEFAULT_ARTIFACT_BYTES) ?? DEFAULT_ARTIFACT_BYTES,
  };
}
