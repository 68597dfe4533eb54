import { posix } from "node:path";
import type { HostUrl, JobName } from "./ids.ts";
import {
  type HostSpec,
  type JobSpec,
  type Plan,
  type PlanNode,
  type PrepareSpec,
  SCHEMA_VERSION,
} from "./model.ts";

export interface PlanInput {
  readonly projectId: string;
  readonly target: JobName | null;
  readonly host: HostSpec;
  readonly jobs: readonly JobSpec[];
  readonly skipped: Plan["skipped"];
}

/** What a run will do, as data: every distinct prepared output once, then the jobs that need it. */
export function makePlan({ projectId, target, host, jobs, skipped }: PlanInput): Plan {
  const specs = new Map(
    jobs.flatMap((job) => Object.values(job.prepare)).map((spec) => [prepareId(spec), spec]),
  );
  const prepare = [...specs].map(([id, spec]) => prepareNode(id, spec, host.url));
  const execute = jobs.map((job) => executeNode(job, host.url));
  return {
    schema_version: SCHEMA_VERSION,
    project_id: projectId,
    target,
    host: host.url,
    nodes: [...prepare, ...execute],
    skipped,
  };
}

/** A prepared output's identity within a plan; jobs that share it name the same one. */
export function prepareId(spec: PrepareSpec): string {
  return spec.kind === "installable" ? `prepare ${spec.installable}` : `prepare path ${spec.path}`;
}

function prepareNode(id: string, spec: PrepareSpec, host: HostUrl): PlanNode {
  return { kind: "prepare", id, host, spec, argv: prepareArgv(spec, host) };
}

/** `SNAPSHOT` stands for the published tree, whose hash is known once it is hashed. */
function prepareArgv(spec: PrepareSpec, host: HostUrl): string[] {
  if (spec.kind === "installable") {
    const [directory = "", attribute = ""] = spec.installable.split("#");
    const flake = posix.join("SNAPSHOT", directory);
    return ["nix", "build", "--print-build-logs", "--no-update-lock-file", `path:${flake}#${attribute}`];
  }
  const add = ["nix", "store", "add-path", spec.path];
  return host === "local" ? add : ["nix", "copy", "--to", host.replace(/:\d+$/, ""), spec.path];
}

function executeNode(job: JobSpec, host: HostUrl): PlanNode {
  return {
    kind: "execute",
    id: `execute ${job.name}`,
    job: job.name,
    host,
    backend: job.shape.backend,
    command: job.command,
    timeout_ms: job.timeoutMs,
    needs: [...new Set(Object.values(job.prepare).map(prepareId))],
  };
}
