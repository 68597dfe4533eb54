import type { JobName } from "../core/ids.ts";
import type { JobResult, Status } from "../core/job-result.ts";
import { isPass } from "../core/passes.ts";
import type { JobRecord } from "../core/run-record.ts";
import { shardOf } from "../core/shards.ts";
import { verdictOfJobs } from "./verdict.ts";

/** A job as it is shown: itself, or all shards of one job as one. */
interface MergedJob {
  readonly record: JobRecord;
  /** By number; empty for a job that has no shards. */
  readonly shards: readonly JobRecord[];
}

interface NumberedShard {
  readonly record: JobRecord;
  readonly index: number;
  readonly count: number;
}

/**
 * Jobs as they are shown, the shards of a job as that job, in the place of the first of them. Where some shards are not among the
 * jobs, since only others were asked for, each stays itself.
 */
export function mergedJobs(jobs: readonly JobRecord[]): MergedJob[] {
  const groups = new Map<JobName, NumberedShard[]>();
  for (const record of jobs) {
    const shard = shardOf(record.job);
    if (shard !== null) groups.set(shard.whole, [...(groups.get(shard.whole) ?? []), { record, ...shard }]);
  }
  const told = new Set<JobName>();
  return jobs.flatMap((record): MergedJob[] => {
    const whole = shardOf(record.job)?.whole;
    const shards = whole === undefined ? [] : (groups.get(whole) ?? []);
    if (whole === undefined || !isWhole(shards)) return [{ record, shards: [] }];
    if (told.has(whole)) return [];
    told.add(whole);
    const sorted = shards.toSorted((a, b) => a.index - b.index).map((shard) => shard.record);
    return [{ record: mergedRecord(whole, sorted), shards: sorted }];
  });
}

/** The name by which a job is shown beside its merged verdict. */
export function shownName(job: JobName, jobs: readonly JobName[]): JobName {
  const own = shardOf(job);
  if (own === null) return job;
  const others = jobs.map(shardOf).filter((other) => other?.whole === own.whole);
  const isThere = new Set(others.map((other) => other?.index)).size === own.count;
  return isThere && others.every((other) => other?.count === own.count) ? own.whole : job;
}

function isWhole(shards: readonly NumberedShard[]): boolean {
  const count = shards[0]?.count ?? 0;
  return (
    new Set(shards.map(({ index }) => index)).size === count && shards.every((one) => one.count === count)
  );
}

function mergedRecord(job: JobName, shards: readonly JobRecord[]): JobRecord {
  const [first] = shards;
  const hint = shards.find((shard) => shard.hint !== undefined)?.hint;
  const unenforced = [...new Set(shards.flatMap((shard) => shard.limits_unenforced ?? []))];
  const place = ({ job: name }: JobRecord) => `${shardOf(name)?.index} of ${shards.length}`;
  return {
    job,
    state: stateOf(shards),
    result: shards.every(({ state }) => state === "finished") ? mergedResult(job, shards) : null,
    runner: first?.runner ?? null,
    prepared: Object.assign({}, ...shards.map(({ prepared }) => prepared)),
    workspace: first?.workspace ?? null,
    ...(unenforced.length === 0 ? {} : { limits_unenforced: unenforced }),
    ...(hint === undefined ? {} : { hint }),
    artifacts: shards.flatMap((shard) =>
      shard.artifacts.map((one) => ({ ...one, path: `${place(shard)}/${one.path}` })),
    ),
    artifacts_left_out: shards.flatMap((shard) =>
      shard.artifacts_left_out.map((reason) => `${place(shard)}: ${reason}`),
    ),
  };
}

function stateOf(shards: readonly JobRecord[]): JobRecord["state"] {
  if (shards.every(({ state }) => state === "finished")) return "finished";
  return shards.every(({ state }) => state === "pending") ? "pending" : "running";
}

/** The worst of the shards' verdicts; one that never reported is `infra`. Its time is from the first start to the last end. */
function mergedResult(job: JobName, shards: readonly JobRecord[]): JobResult | null {
  const results = shards.map(({ result }) => result);
  const there = results.filter((result): result is JobResult => result !== null);
  const [first] = there;
  if (first === undefined) return null;
  const { status } = verdictOfJobs(results, 0);
  const worst = there.find((result) => result.status === status);
  const started = there.flatMap(({ started_at }) => started_at ?? []).sort()[0] ?? null;
  const finished = there.map(({ finished_at }) => finished_at).sort();
  const finishedAt = finished.at(-1) ?? first.finished_at;
  const ran = there.filter(({ started_at }) => started_at !== null).map(({ finished_at }) => finished_at);
  const end = ran.sort().at(-1);
  return {
    schema_version: first.schema_version,
    run_id: first.run_id,
    job,
    status,
    exit_code: worst?.exit_code ?? null,
    signal: worst?.signal ?? null,
    timed_out: there.some((result) => result.timed_out),
    started_at: started,
    finished_at: finishedAt,
    duration_ms:
      started === null || end === undefined ? null : Math.max(0, Date.parse(end) - Date.parse(started)),
    message: messageOf(status, shards),
  };
}

const SHOWN = 3;

/** `8 shards`, or which of them have the verdict and what was said of these. */
function messageOf(status: Status, shards: readonly JobRecord[]): string {
  const those = shards.filter(({ result }) => (result?.status ?? "infra") === status);
  const count = `${shards.length} shard${shards.length === 1 ? "" : "s"}`;
  if (isPass(status) && status !== "flaky") {
    const cached = shards.filter(({ result }) => result?.status === "cached").length;
    return cached > 0 && cached < shards.length ? `${count}, ${cached} cached` : count;
  }
  const said = those.map(
    ({ job, result }) => `${shardOf(job)?.index}: ${result?.message ?? "has no result"}`,
  );
  const more = said.length > SHOWN ? [`${said.length - SHOWN} more`] : [];
  return `${those.length} of ${count}: ${[...said.slice(0, SHOWN), ...more].join("; ")}`;
}
