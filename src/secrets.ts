import { UsageError } from "./errors.ts";
import { posixQuote } from "./io/quote.ts";
import type { JobSpec } from "./model.ts";

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

/**
 * A job as a stranger's tree may run it: without secrets and without a network, saving no cache, in a runner of nothing but pikaci's own.
 * UsageError for one whose guest is made of the tree's modules, which say what runs on the host.
 */
export function distrust(job: JobSpec): JobSpec {
  const { secrets: _, shape, ...others } = job;
  const rest = { ...others, ...(others.caches === undefined ? {} : { saveCaches: false }) };
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
