import { groupOf, orNull, parseJobName } from "../core/ids.ts";
import { formatPath } from "./issues.ts";

interface OfInstance {
  readonly group: string;
  readonly instance: string;
}

/**
 * Complaints about instances as complaints about the job that has the matrix: each once, with the names of the instances
 * where not all of them have it. `jobs`: the names of all jobs. Each complaint is `path: message`.
 */
export function withoutInstances(problems: readonly string[], jobs: readonly string[]): string[] {
  const instances = jobs.flatMap((name): OfInstance[] => {
    const job = orNull(parseJobName, name);
    const group = job === null ? null : groupOf(job);
    return group === null ? [] : [{ group, instance: name }];
  });
  const told = new Map<string, OfInstance[]>();
  for (const problem of problems) {
    const place = ({ instance }: OfInstance) => formatPath(["jobs", instance]);
    const of = instances.find((one) => problem.startsWith(place(one)));
    const line =
      of === undefined ? problem : problem.replace(place(of), () => formatPath(["jobs", of.group]));
    told.set(line, [...(told.get(line) ?? []), ...(of === undefined ? [] : [of])]);
  }
  return [...told].map(([line, of]) => {
    const [first] = of;
    const all = instances.filter(({ group }) => group === first?.group);
    return first === undefined || of.length === all.length ? line : `${line} (in ${namesOf(of)})`;
  });
}

function namesOf(of: readonly OfInstance[]): string {
  const [first, ...more] = of;
  return more.length === 0 ? (first?.instance ?? "") : `${first?.instance} and ${more.length} more`;
}
