import { formatPath } from "../config/issues.ts";
import { ConfigError, SnapshotRefused, UsageError } from "../core/errors.ts";
import type { JobSpec } from "../core/job.ts";
import type { PrepareSpec } from "../core/prepared.ts";
import { confinedPath } from "../nix/confine.ts";
import { posixQuote } from "../system/quote.ts";

type Env = Readonly<Record<string, string | undefined>>;

export function hasSecrets({ secrets = [] }: Pick<JobSpec, "secrets">): boolean {
  return secrets.length > 0;
}

/** Assignments for the guest's shell; goes over the connection into memory there, and nowhere else. */
export function secretsFile({ secrets = [] }: Pick<JobSpec, "secrets">, env: Env): string {
  return secrets.map((name) => `export ${name}=${posixQuote(env[name] ?? "")}\n`).join("");
}

/** Before anything is sent. UsageError with every variable that is not set. */
export function checkSecrets(jobs: readonly Pick<JobSpec, "name" | "secrets">[], env: Env): void {
  const names = [...new Set(jobs.flatMap(({ secrets = [] }) => secrets))];
  const missing = names.filter((name) => env[name] === undefined);
  if (missing.length === 0) return;
  const jobsThat = jobs.filter(({ secrets = [] }) => secrets.some((name) => missing.includes(name)));
  throw new UsageError(
    `secrets that are not set: ${missing.join(", ")} (for ${jobsThat.map(({ name }) => name).join(", ")})`,
    { hint: `set them in the environment, or leave secrets and network out with \`--untrusted\`` },
  );
}

/** Before anything is sent: the client paths of distrusted jobs lie in the tree. ConfigError names each that does not. */
export function checkConfined(jobs: readonly Pick<JobSpec, "name" | "prepare">[], workspace: string): void {
  const problems = jobs.flatMap(({ name: job, prepare }) =>
    Object.entries(prepare).flatMap(([name, spec]) => {
      const problem = spec.kind === "path" && spec.confined ? confineProblem(workspace, spec.path) : null;
      return problem === null ? [] : [`${formatPath(["jobs", job, "prepare", name, "path"])}: ${problem}`];
    }),
  );
  if (problems.length === 0) return;
  throw new ConfigError(`--untrusted refuses what the configuration asks for:\n${problems.join("\n")}`, {
    hint: "leave it out, or leave `--untrusted` out where the tree is your own",
  });
}

/** A path that is not there yet is for the stage that reads it. */
function confineProblem(workspace: string, path: string): string | null {
  try {
    confinedPath(workspace, path);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    if (error instanceof SnapshotRefused) return null;
    throw error;
  }
}

function confine(spec: PrepareSpec): PrepareSpec {
  return spec.kind === "path" ? { ...spec, confined: true } : spec;
}

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

/**
 * A job as a stranger's tree may run it: without secrets and without a network, with client paths inside the tree, saving no cache, in a runner of nothing but pikaci's own.
 * UsageError for one whose guest is made of the tree's modules, which say what runs on the host.
 */
export function distrust(job: JobSpec): JobSpec {
  const { secrets: _, shape, ...others } = job;
  const rest = {
    ...others,
    prepare: mapValues(others.prepare, confine),
    ...(others.caches === undefined ? {} : { saveCaches: false }),
  };
  const project = { lock: null, files: [] };
  if (shape.backend === "auto") return { ...rest, shape: { ...shape, project }, network: "none" };
  if (shape.backend !== "microvm") return { ...rest, shape, network: "none" };
  if (shape.modules.length > 0)
    throw new UsageError(
      `--untrusted cannot take the \`modules\` of ${job.name}: they say what runs on the host`,
      {
        hint: 'leave `modules` out of that job\'s runner, or use the runner "minivm"',
      },
    );
  return { ...rest, shape: { ...shape, project }, network: "none" };
}
