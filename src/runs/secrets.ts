import type { PikaciEvent } from "../core/events.ts";
import { SHORTEST_SECRET } from "../core/secret-texts.ts";

/** Names of the client's variables that are a job's secrets. */
export interface SecretJob {
  readonly secrets?: readonly string[] | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The values that must not be shown. */
export function secretValues(jobs: readonly SecretJob[], env: Env): string[] {
  return secretNames(jobs).flatMap((name) => env[name] ?? []);
}

/** Warnings for secrets that cannot be masked, because the value is unknown here or too short. */
export function secretWarnings(jobs: readonly SecretJob[], env: Env): PikaciEvent[] {
  return secretNames(jobs).flatMap((name): PikaciEvent[] => {
    const value = env[name];
    if (value !== undefined && value.length >= SHORTEST_SECRET) return [];
    const why =
      value === undefined
        ? "is not set here: only its host masks logs for it"
        : `has fewer than ${SHORTEST_SECRET} characters: logs are not masked for it`;
    return [
      {
        type: "warning",
        message: `the secret ${name} ${why}`,
        hint: value === undefined ? `set ${name} in this shell as it was where the run was started` : null,
      },
    ];
  });
}

function secretNames(jobs: readonly SecretJob[]): string[] {
  return [...new Set(jobs.flatMap(({ secrets = [] }) => secrets))];
}
