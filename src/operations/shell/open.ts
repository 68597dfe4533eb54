import { loadProjectOrBare } from "../../config/bare.ts";
import { checkConfined } from "../../config/confined.ts";
import { selectHost } from "../../config/host.ts";
import { loadProject } from "../../config/load.ts";
import { checkMounts } from "../../config/mounts.ts";
import { isSamePlace, recordedHost } from "../../config/recorded-host.ts";
import { selectJob } from "../../config/targets.ts";
import type { Context } from "../../core/context.ts";
import { UsageError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import type { JobSpec } from "../../core/job.ts";
import type { MachineShape, WantedShape } from "../../core/machine-shape.ts";
import type { HostSpec, Project } from "../../core/project.ts";
import type { HashedSnapshot } from "../../core/snapshot.ts";
import { type DecidedJob, decideRunners, runnerQuestions, withCandidates } from "../../guest/decide.ts";
import type { Launch } from "../../guest/execute.ts";
import { renderJobs } from "../../guest/render-jobs.ts";
import { checkSecrets } from "../../guest/secrets.ts";
import { NO_NIX_OPTIONS, nixFor } from "../../nix/options.ts";
import { prepare } from "../../nix/prepare.ts";
import { unbuiltError } from "../../nix/unbuilt-words.ts";
import type { EarlierSnapshot } from "../../publish/earlier-snapshot.ts";
import { publishSettled } from "../../publish/settled.ts";
import { connect } from "../../remote/connect.ts";
import { type HostSession, openSession } from "../../remote/session.ts";
import { openOwnRun } from "../../runs/own-run.ts";
import { storedJob } from "../../runs/specs.ts";
import { posixQuote } from "../../system/quote.ts";
import { newRunId } from "../../system/run-id.ts";
import type { Terminal } from "../../system/terminal.ts";
import { checkAuthor } from "../author.ts";
import { findChecks } from "../checks.ts";
import { earlierSnapshot } from "../earlier.ts";
import { publishedFor, publishGit, type WantedGit, wantedGit } from "../git-tree.ts";
import { withShardFiles } from "../shards.ts";
import { stages } from "../stage-events.ts";
import { TreeSource } from "../tree-source.ts";
import { shell } from "./conversation.ts";
import { type FoundNeeds, needsOnHost, newestNeeds, recordedNeeds } from "./needs.ts";

interface ShellRequest {
  readonly job: string;
  /** Run id, prefix or `latest`: its snapshot and its job; null: the tree and the configuration as they are now. */
  readonly run: string | null;
  readonly host: string | null;
  readonly config: string | null;
  /** Instead of the job's own. */
  readonly shape: MachineShape | null;
  /** Empty: a shell. */
  readonly command: readonly string[];
}

interface Wanted {
  readonly project: Project;
  readonly host: HostSpec;
  readonly job: JobSpec;
  readonly exact: EarlierSnapshot | null;
  /** Open what a failed job left, if its host keeps it. */
  readonly enter: string | null;
  /** What the job finds below /needs; the tree decides that only for a job as it is configured now. */
  readonly needs: (hashed: HashedSnapshot) => FoundNeeds;
}

/** What will be opened, for `onOpen`. */
export type Opened = Pick<Wanted, "host" | "job"> & { readonly backend: string };

/**
 * Opens a shell in the guest that a job would get, with everything mounted, and returns the exit code of its command.
 * `onOpen` is called before the guest starts. Nothing is recorded. UsageError, ConfigError, InfraError.
 */
export async function openShell(
  request: ShellRequest,
  terminal: Terminal,
  context: Context,
  onOpen: (opened: Opened) => void,
): Promise<number> {
  const wanted = await resolveShell(request, context);
  checkSecrets([wanted.job], context.env);
  const runId = newRunId(context.clock());
  const source = new TreeSource(wanted, runId, context);
  const connecting = connect(wanted.host, context);
  connecting.catch(() => {});
  try {
    const hashed = await source.hashed();
    const [job = wanted.job] = withShardFiles([wanted.job], hashed, "use", context);
    checkMounts([job], hashed);
    const git = await wantedGit([wanted.job], wanted.project.workspace, wanted.exact, context);
    const connection = await connecting;
    const undecided = withCandidates([job]);
    const { id: projectId, limits } = wanted.project;
    const asked = { runId, projectId, unfetchedMs: limits.unfetchedMs, contentHash: hashed.contentHash };
    const session = await openSession(connection, { ...asked, ...runnerQuestions(undecided) }, context);
    const decided = decideRunners(undecided, session.facts, wanted.host.url);
    const needs = await needsOnHost(wanted.needs(hashed), runId, session, context);
    const found = { git, hashed: await source.withFiles(session.facts), session, decided, needs };
    const launch = await makeReady({ ...wanted, job }, runId, found, context);
    onOpen({ ...wanted, backend: launch.runner.shape.backend });
    const { command } = request;
    const guest = { tty: terminal.tty, ...terminal.size(), term: termOf(context), command };
    const { enter } = wanted;
    return await shell(
      { ...launch, terminal: guest, ...(enter === null ? {} : { enter }) },
      terminal,
      session,
      context,
    );
  } finally {
    source.close();
    await connecting.then((connection) => connection.close()).catch(() => {});
  }
}

async function resolveShell(request: ShellRequest, context: Context): Promise<Wanted> {
  const { job, exact, project, host, enter, needs } = await (request.run === null
    ? presentJob(request, context)
    : earlierJob(request.run, request, context));
  if (context.author === "stranger" && request.shape !== null && request.shape.backend !== "minivm")
    throw new UsageError(`--runner ${request.shape.backend} is not for an untrusted tree`, {
      hint: "leave `--runner` out, or name minivm",
    });
  const shape: WantedShape = request.shape ?? job.shape;
  const what = WITHOUT_TERMINAL[shape.backend];
  if (what !== undefined) throw noTerminal(job, what);
  return { project, host, exact, enter, needs, job: { ...job, shape } };
}

async function presentJob({ job, host, config }: ShellRequest, context: Context): Promise<Wanted> {
  const configured = await loadProject(context.workspace, config, context);
  const chosen = await selectHost(configured, host, context);
  const wanted = { target: null, jobs: [job] };
  const project = await findChecks(configured, wanted, chosen, NO_NIX_OPTIONS, context);
  const found = selectJob(project, job);
  checkConfined([found], context.workspace);
  const needs = (hashed: HashedSnapshot) => newestNeeds(found, hashed, project.jobs, context);
  return { project, host: chosen, job: found, exact: null, enter: null, needs };
}

async function earlierJob(
  run: string,
  { job, host, config }: ShellRequest,
  context: Context,
): Promise<Wanted> {
  const { record, directory } = openOwnRun(context, run);
  const known = record.jobs.find((one) => one.job === job);
  if (known === undefined || record.snapshot === null)
    throw new UsageError(`run ${record.run_id} has no snapshot and job ${JSON.stringify(job)} to open`, {
      hint: `its jobs are ${record.jobs.map((one) => one.job).join(", ") || "none"}; without \`--run\` the tree is taken as it is now`,
    });
  const stored = storedJob(directory, known.job);
  checkAuthor([stored], context.author);
  const project = await loadProjectOrBare(context.workspace, config, context);
  const origin = recordedHost(project, record);
  const chosen = host === null ? origin : await selectHost(project, host, context);
  const { kept_until: until } = known;
  const enter = until !== undefined && isSamePlace(chosen, origin) && new Date(until) > context.clock();
  if (until !== undefined && !enter)
    context.emit({
      type: "warning",
      message: `what job ${job} left was kept on ${origin.name} until ${until}; this is its snapshot alone`,
      hint: "`--keep-failed 2h` of `pikaci run` keeps it longer",
    });
  return {
    project,
    host: chosen,
    job: stored,
    exact: earlierSnapshot(record.snapshot, origin),
    enter: enter ? `${record.run_id}/jobs/${known.job}` : null,
    needs: () => recordedNeeds(known, stored, record.run_id),
  };
}

const WITHOUT_TERMINAL: Readonly<Partial<Record<WantedShape["backend"], string>>> = {
  derivation: "a build of Nix (runner `derivation`)",
  microvm: "a NixOS machine (runner `microvm`)",
};

function noTerminal({ name }: JobSpec, what: string): UsageError {
  return new UsageError(`job ${name} is ${what}, which has no terminal`, {
    hint: `\`pikaci shell ${posixQuote(name)} --runner sandbox\` opens a sandbox with the same tree and prepared outputs`,
  });
}

interface Found {
  readonly git: WantedGit | null;
  readonly hashed: HashedSnapshot;
  readonly session: HostSession;
  /** The one job that a shell is opened in. */
  readonly decided: readonly DecidedJob[];
  readonly needs: Readonly<Record<string, string>>;
}

/** Publishes, prepares and renders, as for a run. */
async function makeReady(
  { project, job }: Wanted,
  runId: RunId,
  { git, hashed, session, decided, needs }: Found,
  context: Context,
): Promise<Launch> {
  const stage = stages(context);
  const options = { projectId: project.id, repair: false, verify: false, filters: project.filters };
  const sent = await stage("publish", () => publishSettled(hashed, session, options, context));
  const snapshot = { ...sent.hashed.snapshot, workspace: project.workspace };
  const published = { ...sent, hashed: { ...sent.hashed, snapshot } };
  const withGit =
    git && (await stage("publish", () => publishGit(git, sent, session, { ...options, runId }, context)));
  const place = { runId, flakeFiles: project.flake.files, nix: nixFor(context.author, NO_NIX_OPTIONS) };
  const prepared = await stage("prepare", () => prepare(published, [job], session, place, context));
  for (const output of prepared.unbuilt.values()) throw unbuiltError(output);
  const [ready] = await stage("render", () => renderJobs(decided, session, { repair: false }, context));
  if (ready === undefined) throw new Error(`no runner was rendered for job ${job.name}`);
  const { runner } = ready;
  const forever = { ...job, timeoutMs: LONGEST_MS, silenceMs: 0 };
  const seen = publishedFor(job, published, withGit);
  const launch = { runId, job: forever, published: seen, prepared, needs, runner, projectId: project.id };
  return { ...launch, artifactBytes: 0 };
}

/** The longest time for a shell, so that a forgotten one ends. */
const LONGEST_MS = 24 * 3_600_000;

/** What a name of terminfo may consist of. */
function termOf({ env }: Context): string {
  const term = env.TERM ?? "";
  return /^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(term) ? term : "dumb";
}
