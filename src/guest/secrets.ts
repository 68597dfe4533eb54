import { UsageError } from "../core/errors.ts";
import type { JobSpec } from "../core/job.ts";
import { secretTexts } from "../core/secret-texts.ts";
import { posixQuote } from "../system/quote.ts";

type Env = Readonly<Record<string, string | undefined>>;

export function hasSecrets({ secrets = [] }: Pick<JobSpec, "secrets">): boolean {
  return secrets.length > 0;
}

/** Assignments for the guest's shell; sent over the connection and kept in memory there, nowhere else. */
export function secretsFile({ secrets = [] }: Pick<JobSpec, "secrets">, env: Env): string {
  return secrets.map((name) => `export ${name}=${posixQuote(env[name] ?? "")}\n`).join("");
}

/** The texts that the host's mask replaces (src/host/mask.sh): a line with their number, then each in hex, the longest first. */
export function maskFile({ secrets = [] }: Pick<JobSpec, "secrets">, env: Env): string {
  const texts = secretTexts(secrets.flatMap((name) => env[name] ?? []));
  return [String(texts.length), ...texts.map((text) => text.toString("hex"))]
    .map((line) => `${line}\n`)
    .join("");
}

/** Call it before anything is sent. UsageError that names every variable that is not set. */
export function checkSecrets(jobs: readonly Pick<JobSpec, "name" | "secrets">[], env: Env): void {
  const names = [...new Set(jobs.flatMap(({ secrets = [] }) => secrets))];
  const missing = names.filter((name) => env[name] === undefined);
  if (missing.length === 0) return;
  const jobsThat = jobs.filter(({ secrets = [] }) => secrets.some((name) => missing.includes(name)));
  throw new UsageError(
    `secrets that are not set: ${missing.join(", ")} (for ${jobsThat.map(({ name }) => name).join(", ")})`,
    { hint: "set them in the environment of this command" },
  );
}
