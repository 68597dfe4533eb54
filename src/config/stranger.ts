import { isAbsolute } from "node:path";
import { ConfigError } from "../core/errors.ts";
import type { JobSpec } from "../core/job.ts";
import type { WantedShape } from "../core/machine-shape.ts";
import type { PrepareSpec } from "../core/prepared.ts";
import type { Project } from "../core/project.ts";
import { formatPath } from "./issues.ts";
import type { Origin } from "./origin.ts";
import type { Config } from "./schema.ts";
import { makeShape } from "./shape.ts";

type JobInput = Config["jobs"][string];
type Allowed = NonNullable<Config["untrusted"]>;

const OUTSIDE = "it must come from the command line or from a configuration outside the tree";

/** What the configuration of a stranger's tree may not say at all, each as `path: message`; nothing of one outside. */
export function refusedOfProject(config: Config, origin: Origin): string[] {
  const { host, hosts, snapshot, limits, untrusted } = config;
  const said: readonly [path: readonly string[], value: unknown][] = [
    [["host"], host],
    [["hosts"], hosts],
    [["snapshot", "allow"], snapshot?.allow],
    [["snapshot", "maxFileSize"], snapshot?.maxFileSize],
    [["limits", "artifacts"], limits?.artifacts],
    [["limits", "unfetched"], limits?.unfetched],
    [["untrusted"], untrusted],
  ];
  if (origin === "tree")
    return said.flatMap(([path, value]) => (value === undefined ? [] : [`${formatPath(path)}: ${OUTSIDE}`]));
  if (untrusted?.flakeOutputs !== true) return [];
  return Object.entries(hosts ?? {}).flatMap(([name, { flakeInputs }]) =>
    flakeInputs === "send"
      ? [
          `${formatPath(["hosts", name, "flakeInputs"])}: what a stranger's flake names is fetched by the host alone`,
        ]
      : [],
  );
}

/** One error for everything that is refused. */
export function refusedError(problems: readonly string[]): ConfigError {
  return new ConfigError(`--untrusted refuses what the configuration asks for:\n${problems.join("\n")}`, {
    hint: "leave it out, or allow it in `untrusted` of a configuration outside the tree (`--config FILE`); docs/threat-model.md",
  });
}

/** The project with its jobs restricted to what a stranger's tree may have. */
export function restrainProject(project: Project, config: Config, origin: Origin): Project {
  const allowed: Allowed = origin === "outside" ? (config.untrusted ?? {}) : {};
  const inputs = new Map(Object.entries(config.jobs));
  const jobs = Object.entries(project.jobs).map(([name, job]) => {
    const shape = restrainShape(inputs.get(name)?.runner, job.shape, allowed);
    return [name, restrainJob({ ...job, shape }, origin)] as const;
  });
  const refused = jobs.map(
    ([name, job]) => [name, refusedOfJob(job, inputs.get(name), allowed, origin)] as const,
  );
  return {
    ...project,
    jobs: Object.fromEntries(jobs),
    refused: Object.fromEntries(refused.filter(([, problems]) => problems.length > 0)),
  };
}

function restrainJob(job: JobSpec, origin: Origin): JobSpec {
  const confine = (spec: PrepareSpec): PrepareSpec =>
    spec.kind !== "path" || (origin === "outside" && isAbsolute(spec.path))
      ? spec
      : { ...spec, confined: true };
  const prepare = Object.entries(job.prepare).map(([name, spec]) => [name, confine(spec)] as const);
  const { caches } = job;
  return {
    ...job,
    author: "stranger",
    prepare: Object.fromEntries(prepare),
    ...(caches === undefined ? {} : { saveCaches: false }),
  };
}

/** Uses pikaci's own lock: the tree's lock would decide what the host builds. */
const OWN = { lock: null, files: [] };

/** A machine where the job names no runner: `auto` and the default may be a sandbox, which shares the host's kernel. */
function restrainShape(
  input: JobInput["runner"],
  shape: WantedShape,
  { runners = [] }: Allowed,
): WantedShape {
  if (shape.backend === "microvm") return { ...shape, project: OWN };
  if (runners.includes("sandbox")) return shape.backend === "auto" ? { ...shape, project: OWN } : shape;
  if (input === undefined) return makeShape("minivm");
  if (shape.backend !== "auto") return shape;
  return { backend: "minivm", vcpu: shape.vcpu, memoryMiB: shape.memoryMiB };
}

/** What a job asks for but may not have. */
function refusedOfJob(job: JobSpec, input: JobInput | undefined, allowed: Allowed, origin: Origin): string[] {
  const at = (path: readonly PropertyKey[], message: string) =>
    `${formatPath(["jobs", job.name, ...path])}: ${message}`;
  const { secrets = [], networks = [], caches = [], git = false } = allowed;
  const listed = (key: "secrets" | "caches", names: readonly string[], may: readonly string[]) =>
    names.flatMap((name, index) =>
      may.includes(name) ? [] : [at([key, index], `${JSON.stringify(name)} is not allowed; ${OUTSIDE}`)],
    );
  const { network, shape } = job;
  return [
    ...listed("secrets", job.secrets ?? [], secrets),
    ...listed("caches", job.caches ?? [], caches),
    ...(job.git === true && !git
      ? [at(["git"], `a tree can name any repository of this machine as its own; ${OUTSIDE}`)]
      : []),
    ...(network === "none" || networks.includes(network)
      ? networkOfMachine(job, input).map((message) => at(["network"], message))
      : [at(["network"], `${JSON.stringify(network)} is not allowed; ${OUTSIDE}`)]),
    ...refusedShape(shape, allowed).map(([key, message]) => at(key, message)),
    ...Object.entries(job.prepare).flatMap(([name, spec]) =>
      refusedPrepare(spec, allowed, origin).map((message) => at(["prepare", name], message)),
    ),
  ];
}

/** The sandbox became a machine, which has no way to the host's network. */
function networkOfMachine({ network, shape }: JobSpec, input: JobInput | undefined): string[] {
  if (network !== "host" || shape.backend !== "minivm" || input?.runner === "minivm") return [];
  return ['an untrusted job runs in a virtual machine, which has "none" and "user"'];
}

type Refusal = readonly [path: readonly string[], message: string];

function refusedShape(shape: WantedShape, { runners = [] }: Allowed): Refusal[] {
  switch (shape.backend) {
    case "sandbox":
    case "derivation":
      if (runners.includes(shape.backend)) return [];
      return [[["runner"], `${shape.backend} shares the host's kernel; leave it out, or use "minivm"`]];
    case "microvm":
      if (shape.modules.length === 0) return [];
      return [[["runner", "modules"], "they say what runs on the host"]];
    case "minivm":
    case "auto":
      return [];
  }
}

function refusedPrepare(spec: PrepareSpec, { flakeOutputs = false }: Allowed, origin: Origin): string[] {
  switch (spec.kind) {
    case "path":
      return origin === "tree" && isAbsolute(spec.path)
        ? [`${JSON.stringify(spec.path)} is absolute; ${OUTSIDE}`]
        : [];
    case "local":
      return ["this machine does not evaluate a stranger's flake; only a host may"];
    case "installable":
      return flakeOutputs ? [] : [`an output of the tree's flake is not allowed; ${OUTSIDE}`];
  }
}
