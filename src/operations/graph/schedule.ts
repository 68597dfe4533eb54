import type { JobName } from "../../core/ids.ts";
import type { Status } from "../../core/job-result.ts";
import { isPass } from "../../core/passes.ts";
import type { Standings } from "./standing.ts";

/** A job as far as its turn depends on it. */
interface GraphJob {
  readonly name: JobName;
  readonly needs?: readonly JobName[] | undefined;
}

/** What to do next: the jobs that begin, in this order, and those that never will. */
export interface Turn {
  readonly begin: readonly JobName[];
  readonly skip: readonly Skip[];
}

/** A job that does not run because of others. */
export interface Skip {
  readonly job: JobName;
  /** `needs build, which failed`. */
  readonly reason: string;
  readonly blockedBy: readonly JobName[];
}

/** Where a run is. */
interface Progress {
  readonly standings: Standings;
  /** They run, or were left to the host. */
  readonly begun: ReadonlySet<JobName>;
  /** How many more may run. */
  readonly free: number;
  /** Of the longest path that begins with a job: the higher, the sooner it begins. */
  readonly urgency: ReadonlyMap<JobName, number>;
}

/** Decides a turn, given the jobs that have not ended; pure. `jobs` has each job after its needs. */
export function nextTurn(jobs: readonly GraphJob[], { standings, begun, free, urgency }: Progress): Turn {
  const statuses = new Map([...standings].map(([name, { status }]) => [name, status] as const));
  const skip: Skip[] = [];
  const ready: JobName[] = [];
  for (const { name, needs = [] } of jobs) {
    if (statuses.has(name) || begun.has(name)) continue;
    const bad = needs.filter((need) => !isPass(statuses.get(need) ?? "passed"));
    if (bad.length > 0) {
      skip.push({ job: name, reason: whyBlocked(bad, statuses), blockedBy: bad });
      statuses.set(name, "skipped");
    } else if (needs.every((need) => statuses.has(need))) ready.push(name);
  }
  const rank = (name: JobName) => urgency.get(name) ?? 0;
  return { begin: ready.sort((a, b) => rank(b) - rank(a)).slice(0, Math.max(0, free)), skip };
}

const WORDS: Readonly<Record<string, string>> = {
  failed: "failed",
  timeout: "timed out",
  cancelled: "was cancelled",
  infra: "has no verdict (infra)",
  skipped: "was skipped",
};

function whyBlocked(bad: readonly JobName[], statuses: ReadonlyMap<JobName, Status>): string {
  const said = bad.map((need) => {
    const status = statuses.get(need) ?? "infra";
    return `${need}, which ${WORDS[status] ?? `ended as ${status}`}`;
  });
  return `needs ${said.join("; and ")}`;
}

/**
 * The length of the longest path that begins with each job: the times of its jobs in milliseconds. One that is not known
 * counts as the mean of those that are, and where none is, as 1: then it is the number of layers.
 */
export function urgencies(
  jobs: readonly GraphJob[],
  durations: ReadonlyMap<string, number>,
): ReadonlyMap<JobName, number> {
  const known = jobs.flatMap(({ name }) => durations.get(name) ?? []);
  const mean = known.length === 0 ? 1 : known.reduce((sum, ms) => sum + ms, 0) / known.length;
  const after = new Map<JobName, number>();
  const lengths = new Map<JobName, number>();
  for (const { name, needs = [] } of [...jobs].reverse()) {
    const length = (durations.get(name) ?? mean) + (after.get(name) ?? 0);
    lengths.set(name, length);
    for (const need of needs) after.set(need, Math.max(after.get(need) ?? 0, length));
  }
  return lengths;
}
