import { instanceName, type JobName } from "../core/ids.ts";
import { explainIssues, formatPath } from "./issues.ts";
import { checkShards } from "./shards-schema.ts";

type Job = Readonly<Record<string, unknown>>;

/** Where a shard finds the list of its files, unless its `env` says otherwise. */
const LIST = "/tmp/pikaci-shard-files";

/** A job, or an instance of one, before it is divided. */
interface Undivided {
  /** As the configuration has it. */
  readonly group: string;
  /** The values in its name; none of a job without a matrix. */
  readonly named: readonly string[];
  readonly job: Job;
}

/** The jobs that a job with `shards` is; else itself. Each problem as `path: message`. */
export function divided({ group, named, job }: Undivided): {
  readonly jobs: readonly (readonly [name: string, job: Job])[];
  readonly problems: readonly string[];
} {
  const { shards } = job;
  const own = named.length === 0 ? group : instanceName(group, named);
  if (shards === undefined)
    return own === null ? wrong(group, tooLong(group, named)) : { jobs: [[own, job]], problems: [] };
  const parsed = checkShards(shards);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({
      ...issue,
      path: ["jobs", group, "shards", ...issue.path],
    }));
    return { jobs: [], problems: explainIssues(issues).split("\n") };
  }
  const { count, files } =
    typeof parsed.data === "number" ? { count: parsed.data, files: null } : parsed.data;
  const names = Array.from({ length: count }, (_, index) =>
    instanceName(group, [...named, `${index + 1} of ${count}`]),
  ).filter((name): name is JobName => name !== null);
  if (names.length < count) return wrong(group, tooLong(group, [...named, `${count} of ${count}`]));
  return {
    jobs: names.map((name, index) => [name, shardOfJob(job, index + 1, count, files !== null)] as const),
    problems: [],
  };
}

function shardOfJob(job: Job, index: number, count: number, hasFiles: boolean): Job {
  const { env = {} } = job;
  if (typeof env !== "object" || env === null) return job;
  const list = hasFiles ? { PIKACI_SHARD_FILES: LIST } : {};
  return { ...job, env: { PIKACI_SHARD: String(index), PIKACI_SHARDS: String(count), ...list, ...env } };
}

function tooLong(group: string, named: readonly string[]): string {
  return `makes a name of more than 128 characters: ${group} (${named.join(", ")})`;
}

function wrong(group: string, message: string) {
  return { jobs: [], problems: [`${formatPath(["jobs", group])}: ${message}`] };
}
