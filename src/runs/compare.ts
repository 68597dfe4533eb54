import type { Status } from "../core/job-result.ts";
import { isPass } from "../core/passes.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";

export type Change =
  | "newly failing"
  | "newly flaky"
  | "fixed"
  | "slower"
  | "faster"
  | "added"
  | "removed"
  | "same";

export interface JobChange {
  readonly job: string;
  readonly change: Change;
  readonly before: Side | null;
  readonly after: Side | null;
}

interface Side {
  readonly status: Status | null;
  readonly duration_ms: number | null;
}

/** An input that differs between two runs. */
interface InputChange {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

export interface Comparison {
  readonly before: string;
  readonly after: string;
  readonly jobs: readonly JobChange[];
  readonly inputs: readonly InputChange[];
}

/** A run, and the specification (`job.json`) of each of its jobs, where that is known. */
export interface ComparedRun {
  readonly record: RunRecord;
  readonly specs: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** Smaller differences are noise: a quarter of the time, and at least a second. */
const NOTABLE_RATIO = 1.25;
const NOTABLE_MS = 1000;

/** What became of each job, the worst first, and which inputs changed. */
export function compareRuns(before: ComparedRun, after: ComparedRun): Comparison {
  const names = new Set([...after.record.jobs, ...before.record.jobs].map(({ job }) => job));
  const jobs = [...names].map((name) => {
    const [old, now] = [before, after].map((run) => run.record.jobs.find(({ job }) => job === name));
    return jobChange(name, old, now);
  });
  return {
    before: before.record.run_id,
    after: after.record.run_id,
    jobs: jobs.toSorted((a, b) => ORDER.indexOf(a.change) - ORDER.indexOf(b.change)),
    inputs: [...runInputs(before.record, after.record), ...jobInputs(before, after)],
  };
}

const ORDER: readonly Change[] = [
  "newly failing",
  "newly flaky",
  "fixed",
  "slower",
  "faster",
  "added",
  "removed",
  "same",
];

function jobChange(job: string, old: JobRecord | undefined, now: JobRecord | undefined): JobChange {
  const [before, after] = [sideOf(old), sideOf(now)];
  return { job, before, after, change: changeOf(before, after) };
}

function sideOf(record: JobRecord | undefined): Side | null {
  if (record === undefined) return null;
  return { status: record.result?.status ?? null, duration_ms: record.result?.duration_ms ?? null };
}

function changeOf(before: Side | null, after: Side | null): Change {
  if (before === null) return "added";
  if (after === null) return "removed";
  const [wasBad, isBad] = [isBadStatus(before.status), isBadStatus(after.status)];
  if (isBad && !wasBad) return "newly failing";
  if (wasBad && isPass(after.status)) return "fixed";
  if (after.status === "flaky" && before.status !== "flaky") return "newly flaky";
  return isBad ? "same" : speedChange(before.duration_ms, after.duration_ms);
}

function speedChange(before: number | null, after: number | null): Change {
  if (before === null || after === null || Math.abs(after - before) < NOTABLE_MS) return "same";
  if (after > before * NOTABLE_RATIO) return "slower";
  return before > after * NOTABLE_RATIO ? "faster" : "same";
}

function isBadStatus(status: Status | null): boolean {
  return status === "failed" || status === "timeout" || status === "infra";
}

function runInputs(before: RunRecord, after: RunRecord): InputChange[] {
  const facts = (run: RunRecord): readonly (readonly [string, string])[] => [
    ["target", run.target ?? "jobs by name"],
    ["host", run.host],
    ["content hash", run.snapshot?.content_hash ?? "none"],
    ["git commit", run.snapshot?.source.git_head ?? "none"],
  ];
  return differences(facts(before), facts(after));
}

function jobInputs(before: ComparedRun, after: ComparedRun): InputChange[] {
  return after.record.jobs.flatMap((now) => {
    const old = before.record.jobs.find(({ job }) => job === now.job);
    if (old === undefined) return [];
    const facts = (job: JobRecord, { specs }: ComparedRun) => [
      ...runnerFacts(job),
      ...specFacts(specs.get(job.job)),
    ];
    const [olds, nows] = [facts(old, before), facts(now, after)];
    return differences(olds, nows).map((change) => ({ ...change, what: `${now.job}: ${change.what}` }));
  });
}

function runnerFacts({ runner, prepared }: JobRecord): (readonly [string, string])[] {
  const outputs = Object.entries(prepared).map(([name, path]) => [`prepared ${name}`, path] as const);
  return runner === null ? outputs : [["runner", runner.store_path], ...outputs];
}

function specFacts(spec: Readonly<Record<string, unknown>> | undefined): (readonly [string, string])[] {
  return Object.entries(spec ?? {}).flatMap(([key, value]) =>
    key === "schema_version" || key === "prepare" ? [] : [[key, JSON.stringify(value)] as const],
  );
}

/** Facts that differ between the two sides. A fact that one side lacks is unknown there and is not reported. */
function differences(
  before: readonly (readonly [string, string])[],
  after: readonly (readonly [string, string])[],
): InputChange[] {
  const known = new Map(before);
  return after.flatMap(([what, now]) => {
    const old = known.get(what);
    return old === undefined || old === now ? [] : [{ what, before: old, after: now }];
  });
}
