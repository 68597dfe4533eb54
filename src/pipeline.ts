import pLimit from "p-limit";
import type { Context } from "./context.ts";
import { abortError } from "./errors.ts";
import type { StageName } from "./events.ts";
import type { JobName } from "./ids.ts";
import { connect } from "./io/connect.ts";
import { HostLink, isLost } from "./io/host-link.ts";
import { openSession } from "./io/session.ts";
import type {
  HostSpec,
  JobRecord,
  JobSpec,
  Plan,
  Prepared,
  Project,
  Published,
  Runner,
  RunRecord,
} from "./model.ts";
import type { NixOptions } from "./nix-options.ts";
import { publishSettled } from "./publish-settled.ts";
import type { Recorder } from "./record/recorder.ts";
import { collect } from "./stages/collect.ts";
import { execute, launchDetached } from "./stages/execute.ts";
import { hash } from "./stages/hash.ts";
import { prepare } from "./stages/prepare.ts";
import { renderRunner } from "./stages/render.ts";
import { possibleShapes, renderJobs } from "./stages/render-jobs.ts";
import { snapshot } from "./stages/snapshot.ts";

export interface PipelineInput {
  readonly project: Project;
  readonly host: HostSpec;
  readonly plan: Plan;
  /** The jobs that run; those of `plan.skipped` are not among them. */
  readonly jobs: readonly JobSpec[];
  /** Mends what is found wrong on the host instead of refusing it. */
  readonly repair: boolean;
  /** Hashes every published file on the host. */
  readonly verify: boolean;
  /** Leaves the jobs to the host once they run. */
  readonly detach: boolean;
  /** What is passed on to Nix. */
  readonly nix: NixOptions;
}

/** Runs the seven stages; every path ends in a terminal record. */
export async function runPipeline(
  input: PipelineInput,
  recorder: Recorder,
  context: Context,
): Promise<RunRecord> {
  const lost = new AbortController();
  const signal = AbortSignal.any([context.signal, lost.signal]);
  try {
    recorder.begin(input.plan, input.jobs);
    if (input.jobs.length > 0)
      await runStages(input, recorder, { ...context, signal, emit: recorder.emit }, lost);
    if (signal.aborted) return recorder.finish(abortError(signal));
    return input.detach && recorder.hasRunning() ? recorder.detach() : recorder.finish(null);
  } catch (error) {
    return recorder.finish(error);
  }
}

/** `lost` is aborted when the session on the host ends before the stages do. */
async function runStages(
  input: PipelineInput,
  recorder: Recorder,
  context: Context,
  lost: AbortController,
): Promise<void> {
  const { project, host, jobs, repair, verify, nix } = input;
  let closing = false;
  let link: HostLink | null = null;
  const connecting = connect(host, context);
  connecting.catch(() => {});
  try {
    const stage = stages(context);
    const tree = await stage("snapshot", () =>
      snapshot({ workspace: project.workspace, filters: project.snapshot }, context),
    );
    const hashed = await stage("hash", () => hash(tree, context));
    recorder.hashed(hashed);
    const named = jobs.filter(({ shape }) => shape.backend !== "auto");
    const possible = possibleShapes(jobs);
    const session = await openSession(
      await connecting,
      {
        runId: recorder.runId,
        projectId: project.id,
        contentHash: hashed.contentHash,
        runners: possible.map((shape) => renderRunner(shape).contentHash),
        backends: [...new Set(named.map(({ shape }) => shape.backend))],
        networks: [...new Set(named.map(({ network }) => network))],
        alternatives: [...new Set(possible.map(({ backend }) => backend))],
      },
      context,
    );
    void session.ended.then((error) => {
      // Jobs see for themselves that the network is gone, and may reach them again.
      if (!closing && !(link !== null && isLost(error))) lost.abort(error);
    });
    const published = await stage("publish", () =>
      publishSettled(
        hashed,
        session,
        { projectId: project.id, repair, verify, filters: project.snapshot },
        context,
      ),
    );
    recorder.published(published);
    const prepared = await stage("prepare", () =>
      prepare(
        published,
        jobs,
        session,
        { runId: recorder.runId, flakeFiles: project.flake.files, nix },
        context,
      ),
    );
    recorder.prepared(prepared);
    const runners = await stage("render", () => renderJobs(jobs, session, { repair }, context));
    link = new HostLink(session, host, recorder.runId, context);
    await runJobs({ ...input, published, prepared, runners }, link, recorder, context);
  } finally {
    closing = true;
    await link?.close();
    await connecting.then((connection) => connection.close()).catch(() => {});
  }
}

interface JobInput extends PipelineInput {
  readonly published: Published;
  readonly prepared: Prepared;
  readonly runners: ReadonlyMap<string, Runner>;
}

/** All jobs, a limited number at once; a job that breaks does not end the others. */
async function runJobs(input: JobInput, link: HostLink, recorder: Recorder, context: Context): Promise<void> {
  const limit = pLimit(input.project.limits.jobs);
  await Promise.all(
    input.jobs.map((job) =>
      limit(async () => {
        try {
          recorder.job(await runJob(job, input, link, recorder, context));
        } catch (error) {
          recorder.jobFailed(job.name, error);
        }
      }),
    ),
  );
}

async function runJob(
  job: JobSpec,
  { project, published, prepared, runners, detach }: JobInput,
  link: HostLink,
  recorder: Recorder,
  context: Context,
): Promise<JobRecord> {
  if (context.signal.aborted) throw abortError(context.signal);
  const stage = stages(context, job.name);
  const runner = runners.get(job.name);
  if (runner === undefined) throw new Error(`no runner was rendered for job ${job.name}`);
  const { artifactBytes } = project.limits;
  const launch = { runId: recorder.runId, job, published, prepared, runner, artifactBytes };
  if (detach) return stage("execute", () => launchDetached(launch, link.session, context));
  const execution = await stage("execute", () => execute(launch, link, context));
  if (execution.fault !== null) recorder.noteJobError(execution.fault);
  return stage("collect", () => collect(execution, recorder.jobDirectory(job.name), context));
}

type Stage = <T>(name: StageName, work: () => Promise<T>) => Promise<T>;

/** Puts a stage's events around its work, and stops between stages when the user asked to. */
function stages({ emit, signal, clock }: Context, job: JobName | null = null): Stage {
  return async (stage, work) => {
    if (signal.aborted && stage !== "collect") throw abortError(signal);
    const started = clock().getTime();
    emit({ type: "stage-started", stage, job });
    const output = await work();
    emit({ type: "stage-finished", stage, job, durationMs: clock().getTime() - started });
    return output;
  };
}
