import { parseConfig } from "../../../config/load.ts";
import { PikaciError } from "../../../core/errors.ts";
import { jobName } from "../job-name.ts";
import type { Part } from "../part.ts";
import type { ProposedJob } from "../tool.ts";
import { inOrder, type Kept, keptNeeds, reachOf } from "./order.ts";

/** What a job can build on once it is known which other jobs of its file are taken. */
export interface Bound {
  /** The jobs that it needs directly, by their names in the file. */
  readonly needs: readonly string[];
  /** All that comes before it. */
  readonly before: ReadonlySet<string>;
  /** What a taken job is called here. */
  readonly nameOf: (name: string) => string;
}

/** A job of a CI service's file. */
export interface CiJob {
  /** What it needs, by names in the file. */
  readonly needs: readonly string[];
  /** The file names no needs, only an order: of these needs, those stay that are named here, or that no other need brings. */
  readonly keep?: ReadonlySet<string>;
  /** The job, or why it is left out, which must not depend on `bound`. */
  readonly make: (bound: Bound) => ProposedJob | string;
}

/** A CI service's file as jobs by their names there; text: why one is left out. */
interface CiFile {
  readonly path: string;
  readonly jobs: ReadonlyMap<string, CiJob | string>;
  /** What a job would best be called. */
  readonly called: (name: string) => string;
}

/** More than people write, few enough to compare each with each. */
const MOST_JOBS = 500;

const UNBOUND: Bound = { needs: [], before: new Set(), nameOf: (name) => name };

/** The jobs of a file that can be taken, with what they need of each other; `names` are those that others have already. */
export function takeJobs({ path, jobs, called }: CiFile, names: readonly string[]): Part {
  if (jobs.size > MOST_JOBS)
    return { jobs: {}, notes: [], leftOut: [`${path}: has ${jobs.size} jobs, more than ${MOST_JOBS}`] };
  const written = mapEach(jobs, (job) => (typeof job === "string" ? [] : job.needs));
  const { order, circles } = inOrder(written);
  const refused = new Map<string, string>();
  const taken = new Map<string, CiJob>();
  const ours = new Map<string, string>();
  for (const [name, job] of jobs) {
    const one = jobName(called(name), [...names, ...ours.values()]);
    const circle = circles.get(name);
    const reason = circle === undefined ? refusalOf(one, job) : `could never begin: ${circle}`;
    if (reason !== null) refused.set(name, reason);
    else if (typeof job !== "string") {
      taken.set(name, job);
      ours.set(name, one);
    }
  }
  const kept = mapEach(taken, (_, name) => keptNeeds(name, written, (one) => taken.has(one)));
  const reach = reachOf(
    order.filter((name) => taken.has(name)),
    mapEach(kept, ({ needs }) => needs),
  );
  const nameOf = (name: string) => ours.get(name) ?? name;
  const made: Record<string, ProposedJob> = {};
  for (const [name, job] of taken) {
    const own = kept.get(name) ?? { needs: [], leftOut: [], unknown: [] };
    const { all, fewest } = reach.get(name) ?? { all: new Set<string>(), fewest: new Set<string>() };
    const { keep } = job;
    const needs =
      keep === undefined ? own.needs : own.needs.filter((need) => keep.has(need) || fewest.has(need));
    const proposed = job.make({ needs, before: all, nameOf });
    if (typeof proposed === "string") refused.set(name, proposed);
    else made[nameOf(name)] = wired(`${path}: the job ${name}`, proposed, needs.map(nameOf), own);
  }
  return {
    jobs: made,
    notes: [`${path}: ${Object.keys(made).length} of ${jobs.size} jobs are taken`],
    leftOut: [...refused].map(([name, reason]) => `${path}: the job ${name} ${reason}`),
  };
}

/** What is proposed passes the schema, or one job's odd value would be the end of all. */
function refusalOf(name: string, job: CiJob | string): string | null {
  const made = typeof job === "string" ? job : job.make(UNBOUND);
  if (typeof made === "string") return made;
  try {
    parseConfig({ jobs: { [name]: made.job } }, "/", null);
    return null;
  } catch (error) {
    if (!(error instanceof PikaciError)) throw error;
    return `cannot be written: ${error.message.replace(/\s*\n\s*/g, " ")}`;
  }
}

function wired(from: string, { job, notes }: ProposedJob, needs: readonly string[], kept: Kept): ProposedJob {
  const { needs: read = [], ...withoutNeeds } = job;
  const all = [...new Set([...needs, ...read])];
  return {
    job: all.length === 0 ? job : { needs: all, ...withoutNeeds },
    notes: [from, ...lostNotes(kept), ...notes],
  };
}

function lostNotes({ leftOut, unknown }: Kept): string[] {
  return [
    ...(leftOut.length === 0
      ? []
      : [`there it comes after ${leftOut.join(", ")}, left out here: what it needs of that is missing`]),
    ...unknown.map((name) => `there it needs ${name}, which is not in the file`),
  ];
}

function mapEach<A, B>(map: ReadonlyMap<string, A>, change: (value: A, name: string) => B): Map<string, B> {
  return new Map([...map].map(([name, value]) => [name, change(value, name)]));
}
