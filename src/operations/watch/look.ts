import { checkInputs } from "../../config/inputs.ts";
import { checkMounts } from "../../config/mounts.ts";
import type { BytePath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import type { PikaciEvent } from "../../core/events.ts";
import type { JobSpec } from "../../core/job.ts";
import type { HashedSnapshot } from "../../core/snapshot.ts";
import { checkSecrets } from "../../guest/secrets.ts";
import { hash } from "../../tree/hash.ts";
import { diffManifests } from "../../tree/manifest/diff.ts";
import { snapshot } from "../../tree/snapshot.ts";
import { type ResolvedRun, type RunRequest, resolveRun } from "../run.ts";
import { stages } from "../stage-events.ts";
import type { Difference } from "./ledger.ts";

/** The workspace and its configuration as they were at one moment. */
export interface Look {
  readonly run: ResolvedRun;
  readonly hashed: HashedSnapshot;
  /** What was said on the way; it belongs to the run that follows. */
  readonly events: readonly PikaciEvent[];
}

/** Reads the configuration and takes a whole snapshot, as a run begins. Throws what `resolveRun`, `snapshot` and `hash` throw. */
export async function takeLook(request: RunRequest, context: Context): Promise<Look> {
  const events: PikaciEvent[] = [];
  const looking = { ...context, emit: (event: PikaciEvent) => void events.push(event) };
  const run = await resolveRun(request, looking);
  checkSecrets(run.jobs, context.env);
  const stage = stages(looking);
  const { workspace, filters } = run.project;
  const tree = await stage("snapshot", () => snapshot({ workspace, filters }, looking));
  const hashed = await stage("hash", () => hash(tree, looking));
  checkInputs(run.jobs, hashed);
  checkMounts(run.jobs, hashed);
  return { run, hashed, events };
}

/** One word for all that the jobs' verdicts can depend on: the same word, the same verdicts. */
export function wordOf({ run, hashed }: Look): string {
  const head = run.jobs.some(({ git }) => git === true) ? hashed.snapshot.source.git_head : null;
  return JSON.stringify([hashed.contentHash, head, run.host, run.jobs, run.plan.skipped.length]);
}

/** The paths that differ between two looks; null before the first. */
export function changedPaths(before: Look | null, after: Look): readonly BytePath[] | null {
  if (before === null) return null;
  if (before.hashed.contentHash === after.hashed.contentHash) return [];
  return diffManifests(before.hashed.entries, after.hashed.entries).map(({ path }) => path);
}

/** What two looks say about the jobs of the second. */
export function difference(
  before: Look | null,
  after: Look,
  { force }: Pick<RunRequest, "force">,
): Difference {
  const { plan, project } = after.run;
  const target = plan.target === null ? undefined : project.targets[plan.target];
  return {
    paths: before?.run.host.url === after.run.host.url ? changedPaths(before, after) : null,
    filters: force ? [] : (target?.filters ?? []),
    head: headOf(before) === headOf(after) ? "same" : "moved",
  };
}

/** The jobs that the target's filters leave out. */
export function skippedJobs({ run: { plan, project } }: Look): readonly JobSpec[] {
  return plan.skipped.flatMap(({ job }) => project.jobs[job] ?? []);
}

function headOf(look: Look | null): string | null {
  return look?.hashed.snapshot.source.git_head ?? null;
}
