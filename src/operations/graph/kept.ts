import type { JobName } from "../../core/ids.ts";

/** A job whose verdict is perhaps known, before any job runs. */
interface Candidate {
  readonly name: JobName;
  readonly needs?: readonly JobName[] | undefined;
  /** Its verdict is known, if its needs are as they were. */
  readonly known: boolean;
  /** What it left is on the host: jobs that need it may run. */
  readonly onHost: boolean;
}

/**
 * The jobs whose verdicts stand without running them; pure. A known job runs nevertheless when one that needs it runs and what
 * it left is gone from the host; then what needs it has to wait for what it leaves now. `jobs` has each job after its needs.
 */
export function keptVerdicts(jobs: readonly Candidate[]): ReadonlySet<JobName> {
  const kept = new Set<JobName>();
  const gone = new Set(jobs.flatMap(({ name, onHost }) => (onHost ? [] : [name])));
  for (const { name, known, needs = [] } of jobs)
    if (known && needs.every((need) => kept.has(need))) kept.add(name);
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const { name, needs = [] } of [...jobs].reverse()) {
      if (kept.has(name)) continue;
      for (const need of needs) if (gone.has(need)) kept.delete(need);
    }
    for (const { name, needs = [] } of jobs) if (needs.some((need) => !kept.has(need))) kept.delete(name);
  }
  return kept;
}
