import { type CiJob, takeJobs } from "../ci/take.ts";
import { untaken } from "../ci/untaken.ts";
import type { Project, ServiceLook } from "../part.ts";
import { leftBy, lineToRead } from "./artifacts.ts";
import { made } from "./job.ts";
import { extended, isMapping } from "./merge.ts";
import { refusal } from "./refusal.ts";
import { GITLAB_JOB_KEYS, type GitlabJob, gitlabJobSchema, variablesSchema } from "./schema.ts";
import { jobsBefore, stagesOf } from "./stages.ts";

/** Top-level keys that are no jobs. */
const GLOBAL = ["stages", "default", "variables", "workflow", "include", "spec"];
/** Keys that may stand at the top as in `default`. */
const DEFAULTS = ["image", "services", "before_script", "after_script", "cache", "retry", "timeout"];

/** A GitLab file: jobs that need nothing from GitLab; the others are left out, with the reason. */
export const gitlab: ServiceLook = (path, project, names) => {
  const all = project.documents.get(path);
  if (!isMapping(all)) {
    const why = project.unread.get(path);
    return {
      jobs: {},
      notes: [],
      leftOut: [`${path}: cannot be read${why === undefined ? "" : `: ${why}`}`],
    };
  }
  const included = all["include"] === undefined ? [] : [`${path}: what it includes`];
  const jobs = ciJobs(all, path, project);
  const part = takeJobs({ path, jobs, called: (name) => name }, names);
  return { ...part, leftOut: [...included, ...(part.leftOut ?? [])] };
};

type Mapping = Readonly<Record<string, unknown>>;

/** A job as it is read, and as it is written. */
interface Read {
  readonly job: GitlabJob;
  readonly keys: Mapping;
}

function ciJobs(all: Mapping, path: string, project: Project): Map<string, CiJob | string> {
  const found = readJobs(all);
  const read = new Map<string, GitlabJob>();
  for (const [name, one] of found) if (typeof one !== "string") read.set(name, one.job);
  const stages = stagesOf(all["stages"]);
  const text = project.files.text(path) ?? "";
  return new Map(
    [...found].map(([name, one]) => {
      if (typeof one === "string") return [name, one];
      return [name, refusal(one.job, text) ?? ciJob(one, read, stages, project)];
    }),
  );
}

/** The jobs with all that they extend; text: why one cannot be read. */
function readJobs(all: Mapping): Map<string, Read | string> {
  const top = Object.fromEntries(Object.entries(all).filter(([key]) => DEFAULTS.includes(key)));
  const defaults = { ...top, ...(isMapping(all["default"]) ? all["default"] : {}) };
  const globals = variablesSchema.safeParse(all["variables"] ?? undefined);
  const names = Object.keys(all).filter(
    (name) => !name.startsWith(".") && ![...GLOBAL, ...DEFAULTS].includes(name),
  );
  const known = new Map<string, Mapping | null>();
  const read = (name: string): Read | string => {
    const own = extended(name, all, known);
    if (own === null) return "extends something that is not in the file";
    const keys = { ...defaults, ...own };
    const parsed = gitlabJobSchema.safeParse(keys);
    if (!parsed.success || !globals.success) return "is written in a way that pikaci does not know";
    return { job: { ...parsed.data, variables: { ...globals.data, ...parsed.data.variables } }, keys };
  };
  return new Map(names.map((name) => [name, read(name)]));
}

/** Without `needs`, a job comes after all of the earlier stages, and gets what these left. */
function ciJob(
  { job, keys }: Read,
  jobs: ReadonlyMap<string, GitlabJob>,
  stages: ReadonlyMap<string, number>,
  project: Project,
): CiJob {
  const byStage = new Map([...jobs].map(([name, { stage }]) => [name, stage]));
  const here = job.needs?.filter(({ isElsewhere }) => !isElsewhere);
  const needs = here?.map((need) => need.job) ?? jobsBefore(job.stage, byStage, stages);
  const silent = here?.filter(({ artifacts }) => !artifacts).map((need) => need.job) ?? [];
  const reads = (job.dependencies ?? needs).filter((name) => {
    const from = jobs.get(name);
    return from !== undefined && !silent.includes(name) && leftBy(from).paths.length > 0;
  });
  const keep = here === undefined ? { keep: new Set(reads) } : {};
  return {
    needs,
    ...keep,
    make(bound) {
      const lines = bound.needs
        .filter((name) => reads.includes(name))
        .map((name) => lineToRead(bound.nameOf(name), isMany(jobs.get(name))));
      const proposed = made(job, lines, project);
      if (typeof proposed === "string") return proposed;
      const unknown = stages.has(job.stage) ? [] : [`its stage ${job.stage} is not one of the file's`];
      return { ...proposed, notes: [...proposed.notes, ...unknown, ...untaken(keys, GITLAB_JOB_KEYS)] };
    },
  };
}

/** Whether a job is several here. */
function isMany(job: GitlabJob | undefined): boolean {
  return job?.parallel !== undefined && job.parallel !== 1;
}
