import { isGood } from "../../core/passes.ts";
import type { JobRecord, RunRecord } from "../../core/run-record.ts";
import { comparedRun } from "../../runs/compared.ts";
import { jobFile, runFile } from "../../runs/layout.ts";
import { Mask } from "../../runs/mask.ts";
import { mergedJobs } from "../../runs/merge-shards.ts";
import { suitesOfArtifacts } from "../../runs/reports/artifacts.ts";
import { asExcused } from "../../runs/reports/quarantine.ts";
import type { TestSuite } from "../../runs/reports/suite.ts";
import { secretValues } from "../../runs/secrets.ts";
import { readEnd } from "../../system/artifact-files.ts";
import type { Env } from "../../system/exec.ts";
import type { Reporter, Sink } from "../reporter.ts";
import { junitDocument } from "./document.ts";
import { suiteOfJobs } from "./jobs.ts";
import { mergedSuites } from "./merge.ts";

const LOG_BYTES = 16 * 1024;

/** A JUnit file at a run's end: its jobs, and the tests that their guests told of in files of their own. */
export function junitReporter(sink: Sink, env: Env): Reporter {
  return {
    emit: (event) => {
      if (event.type === "run-finished") sink.write(documentOf(event.record, event.directory, env));
    },
    close: () => [sink.close() ?? []].flat(),
  };
}

/** Artifacts are kept as they are: of what they say, secrets are masked here. */
function documentOf(record: RunRecord, directory: string, env: Env): string {
  const place = ({ job }: JobRecord) => runFile.job(directory, job);
  const ownEnd = (job: JobRecord) => readEnd(jobFile.guestLog(place(job)), LOG_BYTES).toString("utf8");
  const merged = mergedJobs(record.jobs);
  const logEnd = (job: JobRecord) => {
    const shards = merged.find((one) => one.record.job === job.job)?.shards ?? [];
    if (shards.length === 0) return ownEnd(job);
    const bad = shards.filter(({ result }) => !isGood(result?.status));
    return bad.map((shard) => `${shard.job}:\n${ownEnd(shard)}`).join("\n");
  };
  const suites = [
    suiteOfJobs({ ...record, jobs: merged.map((one) => one.record) }, logEnd),
    ...merged.flatMap(({ record: job, shards }) =>
      shards.length === 0
        ? shownSuites(job, place(job))
        : mergedSuites(shards.flatMap((shard) => shownSuites({ ...shard, job: job.job }, place(shard)))),
    ),
  ];
  return junitDocument(`pikaci ${record.run_id}`, maskOf(record, directory, env).document(suites));
}

/** Tests in quarantine as such. */
function shownSuites(job: JobRecord, directory: string): TestSuite[] {
  const shown = asExcused(job.result ?? {});
  return suitesOfArtifacts(job, directory).map((suite) => ({ ...suite, cases: suite.cases.map(shown) }));
}

function maskOf(record: RunRecord, directory: string, env: Env): Mask {
  const jobs = [...comparedRun(record, directory).specs.values()];
  return new Mask(secretValues(jobs, env));
}
