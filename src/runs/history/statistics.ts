import type { Attempt } from "./attempts.ts";

/** So many earlier times are what a new one is compared with; with fewer than the second, nothing is said. */
const USUAL_RUNS = 20;
const FEWEST_RUNS = 5;

/** Smaller differences are noise: a quarter of the time, and at least a second. */
const NOTABLE_RATIO = 1.25;
const NOTABLE_MS = 1000;

/** The latest time against those before it; milliseconds. */
export interface Speed {
  readonly last_ms: number;
  /** Of the last 20 before it; null where there are fewer than five. */
  readonly median_ms: number | null;
  readonly compared_runs: number;
  readonly slower: boolean;
}

/** An input on which a job both failed and passed, by the newest run of each. */
interface FlakyInput {
  readonly identity: string;
  readonly passed: string;
  readonly failed: string;
}

/** What became of a job in the runs that were looked at. */
export interface JobStatistics {
  readonly job: string;
  /** Runs that judged the tree: passed, failed or timed out, or `flaky`. */
  readonly judged: number;
  readonly passed: number;
  readonly failed: number;
  /** Verdicts `flaky`: a failure that does not count, and no pass. */
  readonly flaky: number;
  /** Not run, since the verdict was known. */
  readonly cached: number;
  /** Ended without saying anything about the tree: infra, cancelled, skipped, or not finished yet. */
  readonly unjudged: number;
  readonly flaky_inputs: readonly FlakyInput[];
  readonly speed: Speed | null;
  /** Newest first, those that judged the tree alone. */
  readonly attempts: readonly Attempt[];
}

const FAILED: readonly string[] = ["failed", "timeout"];
const JUDGED: readonly string[] = ["passed", "flaky", ...FAILED];

/** The statistics of each job, by name; `attempts` are newest first. */
export function jobStatistics(attempts: readonly Attempt[]): JobStatistics[] {
  const byJob = grouped(attempts, ({ job }) => job);
  return [...byJob]
    .map(([job, all]) => statisticsOf(job, all))
    .toSorted((one, other) => (one.job < other.job ? -1 : 1));
}

function statisticsOf(job: string, all: readonly Attempt[]): JobStatistics {
  const attempts = all.filter(({ status }) => JUDGED.includes(status));
  const count = (...statuses: readonly string[]) =>
    all.filter(({ status }) => statuses.includes(status)).length;
  const cached = count("cached");
  return {
    job,
    judged: attempts.length,
    passed: count("passed"),
    failed: count(...FAILED),
    flaky: count("flaky"),
    cached,
    unjudged: all.length - attempts.length - cached,
    flaky_inputs: flakyInputs(attempts),
    speed: speedOf(attempts.flatMap(({ status, ms }) => (status === "passed" && ms !== null ? [ms] : []))),
    attempts,
  };
}

function flakyInputs(attempts: readonly Attempt[]): FlakyInput[] {
  const byInput = grouped(attempts, ({ identity }) => identity);
  return [...byInput].flatMap(([identity, same]) => {
    const passed = same.find(({ status }) => !FAILED.includes(status));
    const failed = same.find(({ status }) => FAILED.includes(status));
    if (identity === null || passed === undefined || failed === undefined) return [];
    return [{ identity, passed: passed.run_id, failed: failed.run_id }];
  });
}

/** The first time, which is the latest, against the median of those after it; null without any. */
export function speedOf(times: readonly number[]): Speed | null {
  const [last, ...earlier] = times.slice(0, USUAL_RUNS + 1);
  if (last === undefined) return null;
  const usual = earlier.length < FEWEST_RUNS ? null : median(earlier);
  const slower = usual !== null && last - usual >= NOTABLE_MS && last > usual * NOTABLE_RATIO;
  return { last_ms: last, median_ms: usual, compared_runs: earlier.length, slower };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** A test that took notably longer than usual the last time that it passed. */
export interface SlowTest extends Speed {
  readonly suite: string;
  readonly name: string;
}

/** The slower ones of a job's tests, whose times are newest first; the greatest difference first. */
export function slowerTests(
  times: readonly { readonly suite: string; readonly name: string; readonly ms: number }[],
): SlowTest[] {
  const byTest = grouped(times, ({ suite, name }) => JSON.stringify([suite, name]));
  const slow = [...byTest.values()].flatMap((same) => {
    const speed = speedOf(same.map(({ ms }) => ms));
    const [first] = same;
    return first !== undefined && speed?.slower ? [{ suite: first.suite, name: first.name, ...speed }] : [];
  });
  const excess = ({ last_ms, median_ms }: SlowTest) => last_ms - (median_ms ?? 0);
  return slow.toSorted((one, other) => excess(other) - excess(one));
}

function grouped<T, K>(all: readonly T[], keyOf: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
