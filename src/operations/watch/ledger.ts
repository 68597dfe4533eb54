import { withNeeds } from "../../config/needs.ts";
import type { BytePath } from "../../core/byte-path.ts";
import type { JobName } from "../../core/ids.ts";
import type { JobSpec } from "../../core/job.ts";
import type { JobResult } from "../../core/job-result.ts";
import { isPass } from "../../core/passes.ts";
import type { JobRecord } from "../../core/run-record.ts";
import { type OnFlaky, verdictOfJobs } from "../../runs/verdict.ts";
import { globMatcher } from "../../tree/globs.ts";
import type { Wanted } from "./machine.ts";

/** What a watch knows of a job. */
export interface KnownJob {
  readonly spec: JobSpec;
  /** Its latest verdict, of whatever tree; null: none yet. */
  readonly result: JobResult | null;
  /** It has no verdict of the tree as it was last looked at. */
  readonly stale: boolean;
  /** No change since the base matches the target's filters, so that it is not to run at all. */
  readonly skipped: boolean;
}

/** The jobs of a watch, each after those that it needs. */
export type Ledger = ReadonlyMap<JobName, KnownJob>;

/** What happened since the last look. */
export interface Difference {
  /** Null: not known, so that everything counts. */
  readonly paths: readonly BytePath[] | null;
  /** The target's filters; empty: every change counts. */
  readonly filters: readonly string[];
  /** HEAD is another commit, which only jobs with a repository see. */
  readonly head: "same" | "moved";
}

/** The ledger after a look, and the jobs that what happened since the look before concerns. */
export interface Touched {
  readonly ledger: Ledger;
  readonly jobs: readonly JobName[];
}

/**
 * The jobs as they are configured now; those that the change touches, or whose own words have changed, become stale, and so do
 * those that need them. `jobs` has each after its needs. `skipped` are those that the filters leave out, whatever has changed.
 */
export function touch(
  ledger: Ledger,
  jobs: readonly JobSpec[],
  difference: Difference,
  skipped: readonly JobSpec[] = [],
): Touched {
  const { paths, filters, head } = difference;
  const ofTarget = paths === null ? null : matching(paths, filters);
  const isTouched = (spec: JobSpec) => {
    const known = ledger.get(spec.name);
    if (known === undefined || known.skipped || JSON.stringify(known.spec) !== JSON.stringify(spec))
      return true;
    if (ofTarget === null || (spec.git === true && head === "moved")) return true;
    return matching(ofTarget, spec.inputs ?? []).length > 0;
  };
  const touched: JobName[] = [];
  for (const spec of jobs)
    if (isTouched(spec) || (spec.needs ?? []).some((need) => touched.includes(need))) touched.push(spec.name);
  const after = new Map<JobName, KnownJob>();
  for (const spec of jobs) {
    const { result, stale } = ledger.get(spec.name) ?? { result: null, stale: true };
    after.set(spec.name, { spec, result, stale: stale || touched.includes(spec.name), skipped: false });
  }
  for (const spec of skipped) after.set(spec.name, { spec, result: null, stale: false, skipped: true });
  return { ledger: after, jobs: touched };
}

/** Of the paths those that any of the globs matches; all when there are none. */
function matching(paths: readonly BytePath[], globs: readonly string[]): readonly BytePath[] {
  if (globs.length === 0) return paths;
  const matches = globMatcher(globs);
  return paths.filter((path) => matches(path) !== null);
}

/** The verdicts of a run that was not outdated. A job without an answer (`infra`, `cancelled`) stays to be run. */
export function settle(ledger: Ledger, records: readonly Pick<JobRecord, "job" | "result">[]): Ledger {
  const next = new Map(ledger);
  for (const { job, result } of records) {
    const known = next.get(job);
    if (known === undefined || result === null) continue;
    const stale = result.status === "infra" || result.status === "cancelled";
    next.set(job, { ...known, result, stale });
  }
  return next;
}

/** The jobs that a run has, with all that they need: what of that is known does not run again. */
export function wantedJobs(ledger: Ledger, wanted: Wanted): readonly JobSpec[] {
  const isWanted = ({ stale, result, skipped }: KnownJob) => {
    if (skipped || wanted === "all") return !skipped;
    return wanted === "touched" ? stale : stale || !isPass(result?.status);
  };
  const specs = Object.fromEntries([...ledger].map(([name, { spec }]) => [name, spec]));
  return withNeeds(
    specs,
    [...ledger.values()].filter(isWanted).map(({ spec }) => spec),
  );
}

/** What the watch exits with when it is left: by the latest verdict of each job, 130 when there is none at all. */
export function exitCodeOf(ledger: Ledger, onFlaky: OnFlaky = "pass"): number {
  if ([...ledger.values()].some(({ skipped }) => skipped)) return 0;
  const results = [...ledger.values()].flatMap(({ result }) => (result === null ? [] : [result]));
  return results.length === 0 ? 130 : verdictOfJobs(results, 130, onFlaky).exitCode;
}
