import { CHECK_PREFIX } from "../../config/check-prefix.ts";
import type { Context } from "../../core/context.ts";
import { UsageError } from "../../core/errors.ts";
import type { JobName, RunId } from "../../core/ids.ts";
import type { JobSpec } from "../../core/job.ts";
import type { JobRecord } from "../../core/run-record.ts";
import type { HashedSnapshot } from "../../core/snapshot.ts";
import type { Verdict } from "../../core/verdict.ts";
import { artifactsOnHost } from "../../guest/artifacts-on-host.ts";
import { selectFiles } from "../../nix/select-files.ts";
import type { HostSession } from "../../remote/session.ts";
import { newestVerdict } from "../../runs/verdicts.ts";

/** What a job that a shell opens finds below /needs: a digest by name, and the run that it is from. */
export type FoundNeeds = ReadonlyMap<JobName, { readonly digest: string; readonly run: RunId }>;

/** Of a job of an earlier run: what it found then. */
export function recordedNeeds({ needs = {} }: JobRecord, job: JobSpec, run: RunId): FoundNeeds {
  return new Map(
    (job.needs ?? []).flatMap((need) => {
      const digest = needs[need];
      return digest === undefined ? [] : [[need, { digest, run }] as const];
    }),
  );
}

/**
 * Of a job as it is configured now: what its needs left when they last passed, with a warning for those that passed on another
 * tree. UsageError for one of which no pass is remembered.
 */
export function newestNeeds(
  { name, needs = [] }: JobSpec,
  hashed: HashedSnapshot,
  specs: Readonly<Record<string, JobSpec>>,
  context: Context,
): FoundNeeds {
  const guests = needs.filter((need) => !need.startsWith(CHECK_PREFIX));
  return new Map(
    guests.map((need) => {
      const verdict = newestVerdict(context, need);
      if (verdict?.status !== "passed" || verdict.artifacts_digest === undefined)
        throw new UsageError(`job ${name} needs ${need}, of which no pass is remembered here`, {
          hint: `\`pikaci run --job ${need}\` runs it`,
        });
      warnOfOther(verdict, hashed, specs[need]?.inputs ?? [], context);
      return [need, { digest: verdict.artifacts_digest, run: verdict.run_id }] as const;
    }),
  );
}

function warnOfOther(
  { job, run_id, parts }: Verdict,
  hashed: HashedSnapshot,
  inputs: readonly string[],
  { emit }: Context,
): void {
  // Of a shard, what follows are its own files.
  if (parts.files.split(" ")[0] === selectFiles(hashed, inputs).contentHash) return;
  emit({
    type: "warning",
    message: `/needs/${job} is what it left in run ${run_id}, of another tree`,
    hint: `\`pikaci run --job ${job}\` runs it on this one`,
  });
}

/** The digests for the guest. UsageError when the host no longer has one of them. */
export async function needsOnHost(
  found: FoundNeeds,
  runId: RunId,
  session: HostSession,
  context: Context,
): Promise<Readonly<Record<string, string>>> {
  const digests = [...found.values()].map(({ digest }) => digest);
  const there = await artifactsOnHost(digests, runId, session, context);
  for (const [need, { digest, run }] of found)
    if (!there.includes(digest))
      throw new UsageError(`what ${need} left in run ${run} is no longer on ${session.connection.host.url}`, {
        hint: `\`pikaci rerun ${run}\` runs it again there`,
      });
  return Object.fromEntries([...found].map(([need, { digest }]) => [need, digest]));
}
