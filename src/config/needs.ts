import { ConfigError } from "../core/errors.ts";
import { groupOf, type JobName, parseJobName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { Project } from "../core/project.ts";
import { didYouMean } from "../core/suggest.ts";
import { CHECK_PREFIX } from "./check-prefix.ts";
import { formatPath } from "./issues.ts";
import { jobsNamed, nearNames } from "./jobs-named.ts";
import { mapRecord } from "./map-record.ts";
import type { Config } from "./schema.ts";
import { refusedError } from "./stranger.ts";
import type { Selection } from "./targets.ts";

/** Unknown names, a job that needs itself, names that stand twice, and circles; names of checks become known only later. */
export function needsProblems(config: Config): string[] {
  const { checks = false } = config;
  const jobs = instancesOf(config);
  const single = Object.values(jobs).flatMap(({ name, needs }) =>
    needs.flatMap((need, index) => {
      const at = (message: string) => [`${formatPath(["jobs", name, "needs", index])}: ${message}`];
      const meant = jobsNamed(jobs, need);
      if (meant.includes(name)) return at("a job cannot need itself; remove it");
      if (needs.indexOf(need) < index) return at(`${JSON.stringify(need)} stands there twice; remove one`);
      if (meant.length > 0 || (checks !== false && need.startsWith(CHECK_PREFIX))) return [];
      const near = didYouMean(need, nearNames(jobs, need));
      return at(`unknown job ${JSON.stringify(need)}${near}; add it to \`jobs\``);
    }),
  );
  const circle = single.length > 0 ? null : findCircle(jobs);
  if (circle === null) return single;
  const [first = ""] = circle;
  return [
    `${formatPath(["jobs", first, "needs"])}: none of these jobs could begin: ${circle.join(" needs ")}; remove one of these needs`,
  ];
}

/** A job of a configuration, with its needs as they are written. */
interface Instance extends Pick<JobSpec, "name" | "group"> {
  readonly needs: readonly string[];
}

function instancesOf({ jobs }: Config): Readonly<Record<string, Instance>> {
  return Object.fromEntries(
    Object.entries(jobs).map(([key, { needs = [] }]) => {
      const name = parseJobName(key);
      const group = groupOf(name);
      return [key, { name, needs, ...(group === null ? {} : { group }) }];
    }),
  );
}

/** The first jobs that need each other in a circle, the first one again at the end; null when there are none. */
function findCircle(jobs: Readonly<Record<string, Instance>>): readonly string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): readonly string[] | null => {
    if (done.has(name)) return null;
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    path.push(name);
    for (const need of jobs[name]?.needs ?? [])
      for (const meant of jobsNamed(jobs, need)) {
        const found = visit(meant);
        if (found !== null) return found;
      }
    path.pop();
    done.add(name);
    return null;
  };
  for (const name of Object.keys(jobs)) {
    const found = visit(name);
    if (found !== null) return found;
  }
  return null;
}

/** The jobs with their needs by the names of jobs, and with `handsOn` where another needs what they leave. */
export function bindNeeds(jobs: Readonly<Record<string, JobSpec>>): Record<string, JobSpec> {
  const bound = mapRecord(jobs, (job) => {
    const { needs = [] } = job;
    const names = needs.flatMap((need) => {
      const meant = jobsNamed(jobs, need);
      return meant.length === 0 ? [need] : meant;
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
    for (const need of jobNamed(jobs, name)?.needs ?? []) visit(need);
  };
  for (const name of names) for (const meant of [name, ...jobsNamed(jobs, name)]) visit(meant);
  return found;
}

function jobNamed(jobs: Readonly<Record<string, JobSpec>>, name: string): JobSpec | null {
  return Object.hasOwn(jobs, name) ? (jobs[name] ?? null) : null;
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
  const found = jobNamed(jobs, need);
  if (found !== null) return found;
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
