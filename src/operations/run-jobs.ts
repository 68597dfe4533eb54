import type { Context } from "../core/context.ts";
import { abortError } from "../core/errors.ts";
import type { JobName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { Prepared } from "../core/prepared.ts";
import type { Project } from "../core/project.ts";
import type { JobRecord } from "../core/run-record.ts";
import type { Published } from "../core/snapshot.ts";
import { collect } from "../guest/collect.ts";
import { execute, launchDetached } from "../guest/execute.ts";
import type { JobWithRunner } from "../guest/render-jobs.ts";
import { storePathsOf } from "../nix/prepare.ts";
import type { HostLink } from "../remote/host-link.ts";
import { withHint } from "../runs/explain-exit.ts";
import { recentDurations } from "../runs/history.ts";
import type { Recorder } from "../runs/recorder.ts";
import { rememberJob } from "../runs/remember-job.ts";
import { judgeOf } from "../runs/reports/judge.ts";
import { blockedJob, pendingJob } from "../runs/transitions.ts";
import { publishedFor } from "./git-tree.ts";
import type { KnownJobs } from "./graph/known-jobs.ts";
import { nextTurn, type Skip, type Turn, urgencies } from "./graph/schedule.ts";
import { needsOf, type Standings } from "./graph/standing.ts";
import { stages } from "./stage-events.ts";

/** Jobs with all that they need on the host, each after its needs. */
export interface JobInput {
  readonly project: Project;
  readonly jobs: readonly JobWithRunner[];
  readonly detach: boolean;
  readonly published: Published;
  /** The published tree with its repository; null when no job sees one. */
  readonly withGit: Published | null;
  readonly prepared: Prepared;
  readonly link: HostLink;
  readonly known: KnownJobs;
  /** What jobs that pass leave is kept on the host, to be shared. */
  readonly shares: boolean;
  /** How the jobs did that have ended, now. */
  readonly standings: () => Standings;
}

/**
 * Runs all jobs, a limited number at once, each when its needs have passed; a job that fails with an error does not end the
 * others. Records as `skipped` those whose needs did not pass.
 */
export async function runJobs(input: JobInput, recorder: Recorder, context: Context): Promise<void> {
  const { jobs, project, standings } = input;
  const graph = jobs.map(({ job }) => job);
  const urgency = hasNeeds(graph) ? urgencies(graph, recentDurations(context)) : new Map<JobName, number>();
  const running = new Map<JobName, Promise<JobName>>();
  const begun = new Set<JobName>();
  const begin = async (name: JobName) => {
    begun.add(name);
    const ready = jobs.find(({ job }) => job.name === name);
    if (ready !== undefined) await settleJob(ready, input, recorder, context);
    return name;
  };
  const turn = (): Turn => {
    const free = project.limits.jobs - running.size;
    return nextTurn(graph, { standings: standings(), begun, free, urgency });
  };
  for (;;) {
    const { begin: next, skip } = turn();
    for (const one of skip) recordSkipped(one, recorder, context);
    for (const name of next) running.set(name, begin(name));
    if (running.size === 0) return;
    running.delete(await Promise.race(running.values()));
  }
}

function hasNeeds(jobs: readonly JobSpec[]): boolean {
  return jobs.some(({ needs = [] }) => needs.length > 0);
}

/** Records a job that does not run because of those that it needs. */
function recordSkipped(
  { job, reason, blockedBy }: Skip,
  recorder: Pick<Recorder, "runId" | "job" | "emit">,
  { clock }: Pick<Context, "clock">,
): void {
  const blocked = { reason, blockedBy, at: clock() };
  recorder.job(blockedJob(pendingJob(job), recorder.runId, blocked));
  recorder.emit({ type: "job-skipped", job, reason });
}

/** Ends with a result of the job in the record, unless it is detached. */
async function settleJob(
  ready: JobWithRunner,
  input: JobInput,
  recorder: Recorder,
  context: Context,
): Promise<void> {
  const { job } = ready;
  try {
    if (context.signal.aborted) throw abortError(context.signal);
    const isNeeded = input.jobs.some((other) => other.job.needs?.includes(job.name) === true);
    const needs = needsOf(job, input.standings());
    if (needs === null) throw new Error(`what the needs of ${job.name} left is not known`);
    const found = { prepared: storePathsOf(input.prepared, job), needs };
    if ((await input.known.decide(ready, found, isNeeded)) === "known") return;
    const record = await runJob(ready, needs, input, recorder, context);
    recorder.job(record);
    rememberJob(record, recorder, context);
  } catch (error) {
    recorder.jobFailed(job.name, error);
  }
}

async function runJob(
  { job, runner }: JobWithRunner,
  needs: Readonly<Record<string, string>>,
  { project, published, withGit, prepared, link, detach, shares }: JobInput,
  recorder: Recorder,
  context: Context,
): Promise<JobRecord> {
  const stage = stages(context, job.name);
  const { artifactBytes } = project.limits;
  const launch = {
    runId: recorder.runId,
    job,
    published: publishedFor(job, published, withGit),
    prepared,
    needs,
    runner,
    artifactBytes,
    projectId: project.id,
    keeps: shares && !detach && recorder.storedKey(job.name)?.purpose === "remember",
  };
  if (detach) return stage("execute", () => launchDetached(launch, link.session, context));
  const execution = await stage("execute", () => execute(launch, link, context));
  if (execution.fault !== null) recorder.noteJobError(execution.fault);
  const directory = recorder.jobDirectory(job.name);
  const record = await stage("collect", () =>
    collect(execution, directory, context, judgeOf(job, directory)),
  );
  return withHint(record, directory, context);
}
