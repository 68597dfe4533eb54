import type { JobName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import { isMeantBy } from "../core/shards.ts";

/**
 * The jobs that a name means: the one that has it, the shards of an instance, or all instances of the job that is
 * configured by it; none: unknown.
 */
export function jobsNamed(
  jobs: Readonly<Record<string, Pick<JobSpec, "name" | "group">>>,
  name: string,
): JobName[] {
  const job = Object.hasOwn(jobs, name) ? jobs[name] : undefined;
  if (job !== undefined) return [job.name];
  return Object.values(jobs).flatMap((one) => (isMeantBy(one.name, name) ? [one.name] : []));
}

/**
 * What may have been meant by a name that `jobsNamed` does not know: the instances of its job where it looks like one, else
 * jobs as they are configured.
 */
export function nearNames(
  jobs: Readonly<Record<string, Pick<JobSpec, "name" | "group">>>,
  name: string,
): string[] {
  const all = Object.values(jobs);
  const [group = ""] = name.split(" (");
  const instances = group === name ? [] : all.filter((one) => one.group === group).map((one) => one.name);
  return instances.length > 0 ? instances : [...new Set(all.map((one) => one.group ?? one.name))];
}
