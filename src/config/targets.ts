import type { Context } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { JobName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { Plan } from "../core/plan.ts";
import type { Project, TargetSpec } from "../core/project.ts";
import { didYouMean } from "../core/suggest.ts";
import { posixQuote } from "../system/quote.ts";
import { globMatcher, globsWithoutMatch } from "../tree/globs.ts";
import { type Changes, checkBase, findChanges } from "./changes.ts";
import { jobsNamed, nearNames } from "./jobs-named.ts";
import { refusedError } from "./stranger.ts";

/** What was asked for: jobs of a target, or jobs by name only. */
export interface Selection {
  readonly target: TargetSpec | null;
  readonly jobs: readonly JobSpec[];
}

interface Decision {
  readonly jobs: readonly JobSpec[];
  readonly skipped: Plan["skipped"];
}

interface FilterOptions {
  readonly force: boolean;
  /** A revision to compare with; null: found automatically. */
  readonly base: string | null;
}

/**
 * The target's jobs, or of it or of the whole project those named. UsageError for an unknown name, ConfigError for what a
 * stranger's jobs ask for and may not have.
 */
export function selectJobs(project: Project, target: string | null, jobs: readonly string[]): Selection {
  const selection = select(project, target, jobs);
  const refused = selection.jobs.flatMap(({ name }) => project.refused?.[name] ?? []);
  if (refused.length > 0) throw refusedError(refused);
  return selection;
}

/** The one job of a name. UsageError for an unknown name and for a job that has instances, ConfigError as `selectJobs`. */
export function selectJob(project: Project, name: string): JobSpec {
  const { jobs } = selectJobs(project, null, [name]);
  const [job] = jobs;
  if (job !== undefined && jobs.length === 1) return job;
  throw new UsageError(`${JSON.stringify(name)} has ${jobs.length} instances, and only one can be taken`, {
    hint: `name one of them: ${jobs.map((one) => posixQuote(one.name)).join(", ")}`,
  });
}

function select(project: Project, target: string | null, jobs: readonly string[]): Selection {
  const names = jobs.flatMap((name) => knownJobs(project, name));
  if (target === null && names.length > 0) return { target: null, jobs: jobSpecs(project, names) };
  const spec = knownTarget(project, target ?? project.defaultTarget);
  const foreign = names.find((name) => !spec.jobs.includes(name));
  if (foreign !== undefined)
    throw new UsageError(`job ${JSON.stringify(foreign)} is not in the target ${JSON.stringify(spec.name)}`, {
      hint: `its jobs are ${spec.jobs.join(", ")}; \`pikaci run --job ${posixQuote(foreign)}\` runs it without a target`,
    });
  return { target: spec, jobs: jobSpecs(project, names.length > 0 ? names : spec.jobs) };
}

/** Which of the selected jobs run, by the target's filters; git is asked only when there are any, or a base is named. */
export async function decide(
  selection: Selection,
  workspace: string,
  { force, base }: FilterOptions,
  context: Context,
): Promise<Decision> {
  const { target, jobs } = selection;
  if (target === null || target.filters.length === 0 || force) {
    if (base !== null) await checkBase(workspace, base, context);
    return { jobs, skipped: [] };
  }
  const changes = await findChanges(workspace, base, context);
  if (!changes.known)
    context.emit({
      type: "warning",
      message: `which files changed is not known, so every job of ${target.name} runs: ${changes.reason}`,
      hint: "`--base REF` names the commit to compare with",
    });
  for (const glob of uselessFilters(target, changes))
    context.emit({
      type: "warning",
      message: `\`targets.${target.name}.filters\`: ${JSON.stringify(glob)} matches no file`,
      hint: "correct the glob, or remove it",
    });
  const reason = skipReason(target, changes);
  return reason === null
    ? { jobs, skipped: [] }
    : { jobs: [], skipped: jobs.map(({ name }) => ({ job: name, reason })) };
}

/** Why a target's jobs need not run; null when they run. */
function skipReason(target: TargetSpec, changes: Changes): string | null {
  if (!changes.known) return null;
  const matches = globMatcher(target.filters);
  if (changes.paths.some((path) => matches(path) !== null)) return null;
  const count = changes.paths.length === 1 ? "1 file" : `${changes.paths.length} files`;
  return `no changed file matches ${target.filters.join(", ")} (${count} changed since ${changes.base}); --force runs it anyway`;
}

/** Filters that match neither a file nor a change, deletions included: most likely typos. */
function uselessFilters(target: TargetSpec, changes: Changes): string[] {
  return changes.known ? globsWithoutMatch(target.filters, [...changes.files, ...changes.paths]) : [];
}

function knownTarget(project: Project, name: string): TargetSpec {
  const target = Object.hasOwn(project.targets, name) ? project.targets[name] : undefined;
  if (target !== undefined) return target;
  const names = Object.keys(project.targets);
  const isJob = jobsNamed(project.jobs, name).length > 0;
  throw new UsageError(`unknown target ${JSON.stringify(name)}${isJob ? "" : didYouMean(name, names)}`, {
    hint: isJob
      ? `${name} is a job: \`pikaci run --job ${posixQuote(name)}\``
      : `the targets are ${names.join(", ")}`,
  });
}

function knownJobs(project: Project, name: string): JobName[] {
  const found = jobsNamed(project.jobs, name);
  if (found.length > 0) return found;
  const names = nearNames(project.jobs, name);
  throw new UsageError(`unknown job ${JSON.stringify(name)}${didYouMean(name, names)}`, {
    hint: [
      ...(names.length === 0 ? [] : [`the jobs are ${names.join(", ")}`]),
      ...(project.checks === undefined
        ? []
        : ["the flake's check NAME is the job check.NAME: `pikaci plan` shows them"]),
    ].join("; "),
  });
}

function jobSpecs(project: Project, names: readonly JobName[]): JobSpec[] {
  return [...new Set(names)].flatMap((name) => project.jobs[name] ?? []);
}
