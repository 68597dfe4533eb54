import { groupOf, type JobName, parseJobName } from "./ids.ts";

/** What the name of a shard says. */
interface ShardName {
  /** The job that it is a part of: `unit (20, pg)` of `unit (20, pg, 1 of 8)`. */
  readonly whole: JobName;
  readonly index: number;
  readonly count: number;
}

/** Null for a job that is no shard. */
export function shardOf(job: JobName): ShardName | null {
  const found = /^(.*) \((?:(.*), )?(\d+) of (\d+)\)$/.exec(job);
  if (found === null) return null;
  const [, group = "", values, index, count] = found;
  const whole = parseJobName(values === undefined ? group : `${group} (${values})`);
  return { whole, index: Number(index), count: Number(count) };
}

/** Whether a name means the job: its own, that of which it is a shard, or that of which it is an instance. */
export function isMeantBy(job: JobName, name: string): boolean {
  return job === name || shardOf(job)?.whole === name || groupOf(job) === name;
}
