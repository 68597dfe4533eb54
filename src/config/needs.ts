import { ConfigError } from "../core/errors.ts";
import type { JobName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { Project } from "../core/project.ts";
import { didYouMean } from "../core/suggest.ts";
import { CHECK_PREFIX } from "./check-prefix.ts";
import { formatPath } from "./issues.ts";
import { mapRecord } from "./map-record.ts";
import type { Config } from "./schema.ts";
import { refusedError } from "./stranger.ts";
import type { Selection } from "./targets.ts";

/** The jobs that a name of the configuration means; none when there is none. */
export function jobsNamed(jobs: Readonly<Record<string, JobSpec>>, name: string): readonly JobSpec[] {
  const job = Object.hasOwn(jobs, name) ? jobs[name] : undefined;
  return job === undefined ? [] : [job];
}

/** Unknown names, a job that needs itself, names that stand twice, and cycles; names of checks become known only later. */
export function needsProblems({ jobs, checks = false }: Config): string[] {
  const names = Object.keys(jobs);
  const single = Object.entries(jobs).flatMap(([job, { needs = [] }]) =>
    needs.flatMap((need, index) => {
      const at = (message: string) => [`${formatPath(["jobs", job, "needs", index])}: ${message}`];
      if (need === job) return at("a job cannot need itself; remove it");
      if (needs.indexOf(need) < index) return at(`${JSON.stringify(need)} stands there twice; remove one`);
      if (names.includes(need)) return [];
      if (checks !== false && need.startsWith(CHECK_PREFIX)) return [];
      return at(`unknown job ${JSON.stringify(need)}${didYouMean(need, names)}; add it to \`jobs\``);
    }),
  );
  const cycle = single.length > 0 ? null : findCycle(jobs);
  if (cycle === null) return single;
  const [first = ""] = cycle;
  return [
    `${formatPath(["jobs", first, "needs"])}: none of these jobs could begin: ${cycle.join(" needs ")}; remove one of these needs`,
  ];
}

/** The first jobs that need each other in a circle, the first one again at the end; null when there are none. */
function findCycle(jobs: Config["jobs"]): readonly string[] | null {
  const done = new Set<string>();
  const visit = (job: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(job)) return [...path.slice(path.indexOf(job)), job];
    if (done.has(job)) return null;
    for (const need of jobs[job]?.needs ?? []) {
      const found = visit(need, [...path, job]);
      if (found !== null) return found;
    }
    done.add(job);
    return null;
  };
  for (const job of Object.keys(jobs)) {
    const found = visit(job, []);
    if (found !== null) return found;
  }
  return null;
}

/** The jobs with their needs by the names of jobs, and with `handsOn` where another needs what they leave. */
export function bindNeeds(jobs: Readonly<Record<string, JobSpec>>): Record<string, JobSpec> {
  const bound = mapRecord(jobs, (job) => {
    const { needs = [] } = job;
    const names = needs.flatMap((need) => {
      const named = jobsNamed(jobs, need).map(({ name }) => name);
      return named.length === 0 ? [need] : named;
    });
    return names.length === 0 ? job : { ...job, needs: [...new Set(names)] };
  });
  const needed = new Set(Object.values(bound).flatMap(({ needs = [] }) => needs));
  return mapRecord(bound, (job) => (needed.has(job.name) ? { ...job, handsOn: true as const } : job));
}

/** These names and all that jobs of these names need, known or not. */
export function neededNames(
  jobs: Readonly<Record<string, JobSpec>>,
  names: readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const { needs = [] } of jobsNamed(jobs, name)) for (const need of needs) visit(need);
  };
  for (const name of names) visit(name);
  return found;
}

/** Jobs with all that they need, each after its needs. `jobs` is where the needs are looked up. ConfigError. */
export function withNeeds(
  jobs: Readonly<Record<string, JobSpec>>,
  wanted: readonly JobSpec[],
): readonly JobSpec[] {
  const ordered = new Map<JobName, JobSpec>();
  const visit = (job: JobSpec): void => {
    if (ordered.has(job.name)) return;
    for (const [index, need] of (job.needs ?? []).entries()) visit(needed(jobs, job, need, index));
    ordered.set(job.name, job);
  };
  for (const job of wanted) visit(job);
  return [...ordered.values()];
}

function needed(
  jobs: Readonly<Record<string, JobSpec>>,
  { name }: JobSpec,
  need: JobName,
  index: number,
): JobSpec {
  const [found] = jobsNamed(jobs, need);
  if (found !== undefined) return found;
  const at = formatPath(["jobs", name, "needs", index]);
  const suggestion = didYouMean(need, Object.keys(jobs));
  throw new ConfigError(
    `${at}: unknown job ${JSON.stringify(need)}${suggestion}; the flake has no such check`,
    {
      hint: "correct the name; `nix flake show` lists the checks",
    },
  );
}

/** A selection with all that its jobs need. ConfigError, also for what a stranger's jobs ask for and may not have. */
export function selectNeeds(project: Project, { target, jobs }: Selection): Selection {
  const all = withNeeds(project.jobs, jobs);
  const refused = all.flatMap(({ name }) => project.refused?.[name] ?? []);
  if (refused.length > 0) throw refusedError(refused);
  return { target, jobs: all };
}
