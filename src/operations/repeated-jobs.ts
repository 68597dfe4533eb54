import { withNeeds } from "../config/needs.ts";
import type { JobName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import { isPass } from "../core/passes.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import type { KnownVerdict } from "../runs/cached-jobs.ts";
import { artifactDigestsOf, type FileDigests } from "../runs/sealed-record.ts";
import { storedJob } from "../runs/specs.ts";
import { jobsToRepeat } from "./repeat.ts";

/** A run whose jobs are run again: its record, its directory and the digests of its files. */
interface Repeated {
  readonly record: RunRecord;
  readonly directory: string;
  readonly digests: FileDigests | null;
}

/** Jobs as an earlier run had them, each after its needs. */
interface RepeatedJobs {
  readonly jobs: readonly JobSpec[];
  /** Those that are only needed: they passed, and run again only where what they left is gone. */
  readonly handed: ReadonlyMap<JobName, KnownVerdict>;
}

/** The jobs of a run to run again, with what they need. UsageError when there is none, InfraError("client"). */
export function repeatedJobs(run: Repeated, which: "all" | "failed"): RepeatedJobs {
  const { record, directory } = run;
  const names = jobsToRepeat(record, which);
  const specs = new Map<string, JobSpec>();
  const read = (name: JobName): JobSpec => {
    const known = specs.get(name);
    if (known !== undefined) return known;
    const spec = storedJob(directory, name);
    specs.set(name, spec);
    for (const need of spec.needs ?? []) read(need);
    return spec;
  };
  const wanted = names.map(read);
  const jobs = withNeeds(Object.fromEntries(specs), wanted);
  const handed = record.jobs.flatMap((job) => {
    const verdict = names.includes(job.job) ? null : handedVerdict(job, run);
    return verdict === null ? [] : [[job.job, verdict] as const];
  });
  return { jobs, handed: new Map(handed) };
}

function handedVerdict(
  { job, result, artifacts }: JobRecord,
  { record, digests }: Repeated,
): KnownVerdict | null {
  if (result === null || !isPass(result.status) || result.artifacts_digest === undefined) return null;
  return {
    run_id: record.run_id,
    job,
    status: "passed",
    exit_code: 0,
    artifacts,
    digests: artifactDigestsOf(job, digests ?? {}),
    artifacts_digest: result.artifacts_digest,
  };
}
