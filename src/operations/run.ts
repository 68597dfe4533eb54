import { isAbsolute, relative, sep } from "node:path";
import { checkConfined } from "../config/confined.ts";
import { selectHost } from "../config/host.ts";
import { loadProject } from "../config/load.ts";
import { selectNeeds } from "../config/needs.ts";
import { projectId } from "../config/project.ts";
import { decide, selectJobs } from "../config/targets.ts";
import type { Context } from "../core/context.ts";
import { abortError, ConfigError, UsageError } from "../core/errors.ts";
import type { Emit, PikaciEvent } from "../core/events.ts";
import type { RunId } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { NixOptions, Plan } from "../core/plan.ts";
import type { HostSpec, Project } from "../core/project.ts";
import type { RunRecord } from "../core/run-record.ts";
import { checkSecrets } from "../guest/secrets.ts";
import { checkOverrides, evalWords, NO_NIX_OPTIONS, nixFor } from "../nix/options.ts";
import type { CacheMode } from "../runs/cached-jobs.ts";
import { Recorder } from "../runs/recorder.ts";
import { sharedSettings } from "../runs/shared/settings.ts";
import { newRunId } from "../system/run-id.ts";
import { literalGlob } from "../tree/globs.ts";
import { findChecks } from "./checks.ts";
import { checkDetach } from "./detach.ts";
import { selectFailed } from "./failed-jobs.ts";
import { HostWay, ownReach, type Reach } from "./host-way.ts";
import { makePlan } from "./plan.ts";

/** The request for a run or a plan; null and empty mean the project's defaults. */
export interface RunRequest {
  /** Absolute path of the configuration; null: found in the workspace. */
  readonly config: string | null;
  readonly target: string | null;
  readonly jobs: readonly string[];
  readonly host: string | null;
  /** Revision to compare with, to find the changed files. */
  readonly base: string | null;
  /** Runs what the filters would skip. */
  readonly force: boolean;
  /** Replaces what is found wrong on the host. */
  readonly repair: boolean;
  /** Hashes every published file on the host. */
  readonly verify: boolean;
  /** Options for Nix; absent: none. */
  readonly nix?: NixOptions;
  /** Absolute paths of files that this command writes; they are not part of the snapshot. */
  readonly ownFiles?: readonly string[];
  /** Leaves the jobs to the host once they run. */
  readonly detach?: boolean;
  /** Default `use`; `PIKACI_NO_CACHE` in the environment makes that `off`. */
  readonly cache?: CacheMode;
  /** Whether verdicts are shared with others, where that is set up; absent: yes. */
  readonly shared?: boolean;
  /** Milliseconds that what failed jobs leave is kept on the host; absent: not at all. */
  readonly keepFailedMs?: number;
  /** Whether a run that is `flaky` has the exit code 1; absent: 0. */
  readonly failOnFlaky?: boolean;
  /** Only the jobs that did not pass last time, whatever the filters say; `jobs` is empty then. */
  readonly failedOnly?: boolean;
}

export interface ResolvedRun {
  readonly project: Project;
  readonly host: HostSpec;
  readonly plan: Plan;
  readonly jobs: readonly JobSpec[];
}

/** What `run` will do and `plan` shows. ConfigError, UsageError. */
export async function resolveRun(request: RunRequest, context: Context): Promise<ResolvedRun> {
  const workspace = context.workspace;
  const { ownFiles = [] } = request;
  const nix = nixFor(context.author, request.nix ?? NO_NIX_OPTIONS);
  const configured = await loadProject(workspace, request.config, { ...context, nixWords: evalWords(nix) });
  const plain = withoutOwnFiles(configured, ownFiles);
  const host = await selectHost(plain, request.host, context);
  checkOverrides(nix, host);
  const { failedOnly = false } = request;
  const project = await findChecks(plain, request, host, nix, context);
  const selected = failedOnly
    ? selectFailed(project, request.target, context)
    : selectJobs(project, request.target, request.jobs);
  const selection = selectNeeds(project, selected);
  const filters = { base: request.base, force: request.force || failedOnly };
  const decided = await decide(selection, workspace, filters, context);
  const { skipped } = decided;
  checkConfined(decided.jobs, workspace);
  const { keepFailedMs } = request;
  const jobs = decided.jobs.map((job) => (keepFailedMs === undefined ? job : { ...job, keepFailedMs }));
  const target = selection.target?.name ?? null;
  const planned = { projectId: project.id, target, host, jobs, skipped, nix };
  const plan = makePlan({ ...planned, flakeFiles: project.flake.files });
  return { project, host, jobs, plan };
}

/**
 * Runs the jobs. The request and the configuration are checked first; mistakes in them are thrown (UsageError, ConfigError;
 * InfraError when a flake cannot be read) and make no run, also those that only the snapshot shows. Else there is a record, which becomes final whatever
 * happens; an error is in `record.error`. InfraError also when the record cannot be written.
 */
export async function executeRun(request: RunRequest, context: Context): Promise<RunRecord> {
  const early: PikaciEvent[] = [];
  const resolved = await resolveRun(request, { ...context, emit: both(early, context.emit) });
  checkSecrets(resolved.jobs, context.env);
  // What is wrong with them is said before there is a record.
  sharedSettings(request.shared ?? true, context);
  if (request.detach === true) checkDetach(resolved.jobs);
  if (context.signal.aborted) throw abortError(context.signal);
  const { failOnFlaky = false } = request;
  return recorded({ ...resolved, failOnFlaky }, context, async (recorder, inner, way) => {
    for (const event of early) recorder.keep(event);
    const { runPipeline } = await import("./pipeline.ts");
    const options = {
      repair: request.repair,
      verify: request.verify,
      detach: request.detach ?? false,
      cache: request.cache ?? defaultCache(context),
      shared: request.shared ?? true,
      exact: null,
      nix: resolved.plan.nix,
    };
    return runPipeline({ ...resolved, ...options, way }, recorder, inner);
  });
}

/**
 * Makes a record and passes it to `work`, whose errors it records, with the way to the host, which is closed in the end. The
 * context is aborted when the record can no longer be written. A UsageError or ConfigError before the snapshot is known is
 * thrown, and the record is removed.
 */
export async function recorded(
  { host, jobs, begun, failOnFlaky = false }: Pick<ResolvedRun, "host" | "jobs"> & RecordedRun,
  context: Context,
  work: (recorder: Recorder, context: Context, way: HostWay) => Promise<RunRecord>,
): Promise<RunRecord> {
  const { runId, reach } = begun ?? { runId: newRunId(context.clock()), reach: ownReach(host, context) };
  const way = new HostWay(host, reach, jobs.length > 0);
  try {
    return await withRecord({ host, runId, failOnFlaky }, context, (recorder, inner) =>
      work(recorder, inner, way),
    );
  } finally {
    await way.close();
  }
}

interface RecordedRun extends Pick<RunRequest, "failOnFlaky"> {
  readonly begun?: Begun;
}

/** What of a run was there before the run: its name, and its way to the host. */
interface Begun {
  readonly runId: RunId;
  readonly reach: Reach;
}

interface Beginning {
  readonly failOnFlaky: boolean;
  readonly host: HostSpec;
  readonly runId: RunId;
}

async function withRecord(
  { host, runId, failOnFlaky }: Beginning,
  context: Context,
  work: (recorder: Recorder, context: Context) => Promise<RunRecord>,
): Promise<RunRecord> {
  const broken = new AbortController();
  const inner = { ...context, signal: AbortSignal.any([context.signal, broken.signal]) };
  const start = {
    runId,
    projectId: projectId(context.workspace),
    host,
    failOnFlaky,
    onFailure: (error: Error) => broken.abort(error),
  };
  const recorder = new Recorder(start, inner);
  try {
    return await work(recorder, inner);
  } catch (error) {
    if (!isRefused(error, recorder.record)) return recorder.finish(error);
    recorder.withdraw();
    throw error;
  }
}

/** Whether a run's words or its configuration are wrong, and no host has been asked for anything yet. */
function isRefused(error: unknown, { snapshot }: Pick<RunRecord, "snapshot">): boolean {
  return snapshot === null && (error instanceof UsageError || error instanceof ConfigError);
}

/** What of the cache is used when a command says nothing. */
export function defaultCache({ env }: Context): CacheMode {
  return (env.PIKACI_NO_CACHE ?? "") === "" ? "use" : "off";
}

/** Passes events on to `emit`, and keeps them for the record that is made later. */
function both(notes: PikaciEvent[], emit: Emit): Emit {
  return (event) => {
    notes.push(event);
    emit(event);
  };
}

function withoutOwnFiles(project: Project, files: readonly string[]): Project {
  const inside = files
    .map((file) => relative(project.workspace, file))
    .filter((path) => path !== "" && !isAbsolute(path) && path.split(sep)[0] !== "..");
  if (inside.length === 0) return project;
  const { filters } = project;
  return {
    ...project,
    filters: { ...filters, exclude: [...filters.exclude, ...inside.map(literalGlob)] },
  };
}
