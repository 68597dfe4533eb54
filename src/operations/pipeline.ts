import { checkInputs } from "../config/inputs.ts";
import { checkMounts } from "../config/mounts.ts";
import type { Context } from "../core/context.ts";
import { abortError } from "../core/errors.ts";
import type { JobName, RunId } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { NixOptions, Plan } from "../core/plan.ts";
import type { HostSpec, Project } from "../core/project.ts";
import type { RunRecord } from "../core/run-record.ts";
import type { HashedSnapshot, Published } from "../core/snapshot.ts";
import { type DecidedJob, decideRunners, runnerQuestions, withCandidates } from "../guest/decide.ts";
import { bindProjectFlake, needsProjectFlake } from "../guest/project-flake.ts";
import { renderJobs } from "../guest/render-jobs.ts";
import { prepare, storePathsOf } from "../nix/prepare.ts";
import type { EarlierSnapshot } from "../publish/earlier-snapshot.ts";
import { publishSettled } from "../publish/settled.ts";
import { checkSpace, jobsNeed } from "../publish/space.ts";
import { isLost } from "../remote/host-link.ts";
import type { EarlySession, HostSession } from "../remote/session.ts";
import { type CacheMode, JobCache, type KnownVerdict } from "../runs/cached-jobs.ts";
import { rememberHost } from "../runs/host-view.ts";
import type { Recorder } from "../runs/recorder.ts";
import { askShared } from "../runs/shared/ask.ts";
import { sharedSettings } from "../runs/shared/settings.ts";
import { shareVerdicts } from "../runs/shared/share.ts";
import { knownManifests } from "../tree/manifest/store.ts";
import { isBuild, passBuilds } from "./builds.ts";
import { publishGit, type WantedGit, wantedGit } from "./git-tree.ts";
import { KnownJobs } from "./graph/known-jobs.ts";
import { standingsOf } from "./graph/standing.ts";
import { HeldEvents } from "./held-events.ts";
import type { HostWay } from "./host-way.ts";
import { type JobInput, runJobs } from "./run-jobs.ts";
import { withShardFiles } from "./shards.ts";
import { stages } from "./stage-events.ts";
import { TreeSource } from "./tree-source.ts";
import { failUnprepared } from "./unprepared.ts";

interface PipelineInput {
  readonly project: Project;
  readonly host: HostSpec;
  readonly plan: Plan;
  /** The jobs that run; those of `plan.skipped` are not among them. */
  readonly jobs: readonly JobSpec[];
  /** Replaces what is found wrong on the host instead of refusing it. */
  readonly repair: boolean;
  /** Hashes every published file on the host. */
  readonly verify: boolean;
  /** Leaves the jobs to the host once they run. */
  readonly detach: boolean;
  readonly cache: CacheMode;
  /** Options for Nix. */
  readonly nix: NixOptions;
  /** Instead of the tree as it is now. */
  readonly exact: EarlierSnapshot | null;
  readonly way: HostWay;
  /** Whether verdicts of others are asked for, and those of this run are shared, where the user has set that up; absent: yes. */
  readonly shared?: boolean;
  /** Jobs of the run that is repeated that need not run again; absent: none. */
  readonly handed?: ReadonlyMap<JobName, KnownVerdict>;
  /** The tree as it was just looked at; absent: the run looks itself. */
  readonly taken?: HashedSnapshot;
}

/**
 * Runs the seven stages and makes the record final while the connection ends; errors are thrown, and `recorded` makes it final
 * then.
 */
export async function runPipeline(
  input: PipelineInput,
  recorder: Recorder,
  context: Context,
): Promise<RunRecord> {
  const lost = new AbortController();
  const signal = AbortSignal.any([context.signal, lost.signal]);
  recorder.begin(input.plan, input.jobs);
  if (input.jobs.length > 0)
    await runStages(input, recorder, { ...context, signal, emit: recorder.emit }, lost);
  if (signal.aborted) throw abortError(signal);
  return input.detach && recorder.hasRunning() ? recorder.detach() : recorder.finish(null);
}

/** `lost` is aborted when the session on the host ends before the stages do. */
async function runStages(
  given: PipelineInput,
  recorder: Recorder,
  context: Context,
  lost: AbortController,
): Promise<void> {
  const { way } = given;
  const source = new TreeSource(given, recorder.runId, context);
  const held = new HeldEvents(context.emit);
  try {
    const builds = given.jobs.filter(isBuild);
    const guests = given.jobs.filter((job) => !isBuild(job));
    const ask = (jobs: readonly JobSpec[]) =>
      askHost(jobs, given, recorder.runId, { ...context, emit: held.emit });
    // Where a job's runner is made of the tree, the host can be asked only when that is known.
    const early = guests.some(needsProjectFlake) ? null : ask(guests);
    early?.catch(() => {});
    const hashed = await (given.jobs.some(needsProjectFlake) ? source.hashedHere() : source.hashed());
    checkInputs(given.jobs, hashed);
    checkMounts(given.jobs, hashed);
    const git = await wantedGit(given.jobs, given.project.workspace, given.exact, context);
    const divided = withShardFiles(guests, hashed, given.cache, context);
    recorder.respecified(divided);
    const bound = divided.map((job) => bindProjectFlake(job, hashed, given.project.flake.files));
    const undecided = withCandidates(bound);
    recorder.hashed(hashed);
    held.release();
    const fit = await (early ?? ask(bound));
    const sharing = sharedSettings(given.shared ?? true, context);
    const runs = given.cache !== "use" || !isKnown(hashed, context);
    if (runs && sharing.signers === null) way.standBy();
    const jobs = decideRunners(undecided, fit.facts, given.host.url);
    const { session, shared } = await askShared(
      fit,
      { mode: given.cache, signers: sharing.signers, jobs, hashed, git: git?.key ?? "" },
      context,
    );
    // A channel that nothing needs would be a command for nothing.
    if (runs && sharing.signers !== null && shared.size === 0) way.standBy();
    void session.ended.then((error) => {
      // Jobs see for themselves that the network is gone, and may reach them again.
      if (!way.isClosing && !(way.hasLink && isLost(error))) lost.abort(error);
    });
    rememberHost(session, context);
    const jobCache = new JobCache(
      {
        mode: given.cache,
        hashed,
        git: git?.key ?? "",
        handed: given.handed ?? new Map(),
        shared,
        artifactBytes: given.project.limits.artifactBytes,
      },
      session,
      recorder,
      context,
    );
    const standings = () => standingsOf(recorder.record.jobs);
    const known = new KnownJobs({ cache: jobCache, session, runId: recorder.runId, standings }, context);
    const open = await known.settle(jobs, (job) => (needsNothing(job) ? {} : null), "nothing");
    if (open.length + builds.length === 0) return;
    const decided = {
      ...given,
      git,
      jobs: open,
      builds,
      hashed: await source.withFiles(session.facts),
      session,
      known,
    };
    const ready = await makeReady(decided, recorder, context);
    const link = way.hold(session, recorder.runId, context);
    const { key } = sharing;
    await runJobs({ ...ready, link, standings, shares: key !== null }, recorder, context);
    if (key !== null && !given.detach) await shareVerdicts(recorder, link.session, key, context);
  } finally {
    held.release();
    source.close();
    void way.close();
  }
}

/** Asks the host all but for the snapshot, for these jobs. */
async function askHost(
  jobs: readonly JobSpec[],
  { project, way }: PipelineInput,
  runId: RunId,
  context: Context,
): Promise<EarlySession> {
  const { unfetchedMs } = project.limits;
  const questions = { runId, projectId: project.id, unfetchedMs, ...runnerQuestions(withCandidates(jobs)) };
  return way.openEarlySession(questions, context);
}

/** What is known once the host has answered. */
interface DecidedInput extends Omit<PipelineInput, "jobs"> {
  readonly jobs: readonly DecidedJob[];
  /** Those that need no guest. */
  readonly builds: readonly JobSpec[];
  readonly hashed: HashedSnapshot;
  readonly session: HostSession;
  readonly known: KnownJobs;
  readonly git: WantedGit | null;
}

/** Publishes, prepares and renders what jobs without a known verdict need. */
async function makeReady(
  input: DecidedInput,
  recorder: Recorder,
  context: Context,
): Promise<Omit<JobInput, "link" | "standings" | "shares">> {
  const { project, jobs, builds, git, hashed, session, known, repair, verify, nix } = input;
  const stage = stages(context);
  const besides = [jobsNeed(jobs.length)];
  checkSpace(session.facts, besides);
  const options = { projectId: project.id, repair, verify, besides, filters: project.filters };
  const sent = await stage("publish", () => publishSettled(hashed, session, options, context));
  const published = inWorkspace(sent, project.workspace);
  recorder.published(published);
  const sees = git !== null && jobs.some(({ job }) => job.git === true) ? git : null;
  const place = { ...options, runId: recorder.runId };
  const withGit = sees && (await stage("publish", () => publishGit(sees, sent, session, place, context)));
  if (sees !== null && withGit !== null) recorder.gitPublished(withGit, sees.key);
  const prepared = await stage("prepare", () =>
    prepare(
      published,
      [...jobs.map(({ job }) => job), ...builds],
      session,
      { runId: recorder.runId, flakeFiles: project.flake.files, nix },
      context,
    ),
  );
  recorder.prepared(prepared);
  const able = failUnprepared(jobs, prepared, recorder, context);
  const built = failUnprepared(
    builds.map((job) => ({ job })),
    prepared,
    recorder,
    context,
  );
  passBuilds(built, prepared, input.cache, recorder, context);
  const left = await known.settle(able, (job) => storePathsOf(prepared, job), "ask");
  const ready = await stage("render", () => renderJobs(left, session, { repair }, context));
  return { ...input, jobs: ready, published, withGit, prepared };
}

/** Client paths are always the workspace's own, even with the tree of an earlier run. */
function inWorkspace(published: Published, workspace: string): Published {
  const { hashed } = published;
  return { ...published, hashed: { ...hashed, snapshot: { ...hashed.snapshot, workspace } } };
}

/** It was published before, so that its verdict may be known, and nothing be done on the host. */
function isKnown({ contentHash }: HashedSnapshot, { memory }: Context): boolean {
  return knownManifests(memory).includes(contentHash);
}

/** Its key is known before anything is published. */
function needsNothing({ prepare }: JobSpec): boolean {
  return Object.keys(prepare).length === 0;
}
