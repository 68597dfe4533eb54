import type { JobRecord, RunRecord } from "../../core/run-record.ts";
import { comparedRun } from "../../runs/compared.ts";
import { jobFile, runFile } from "../../runs/layout.ts";
import { Mask } from "../../runs/mask.ts";
import { secretValues } from "../../runs/secrets.ts";
import { readEnd } from "../../system/artifact-files.ts";
import type { Env } from "../../system/exec.ts";
import type { Reporter, Sink } from "../reporter.ts";
import { suitesOfArtifacts } from "./artifacts.ts";
import { junitDocument } from "./document.ts";
import { suiteOfJobs } from "./jobs.ts";

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
  const logEnd = (job: JobRecord) => readEnd(jobFile.guestLog(place(job)), LOG_BYTES).toString("utf8");
  const suites = [
    suiteOfJobs(record, logEnd),
    ...record.jobs.flatMap((job) => suitesOfArtifacts(job, place(job))),
  ];
  return junitDocument(`pikaci ${record.run_id}`, maskOf(record, directory, env).document(suites));
}

function maskOf(record: RunRecord, directory: string, env: Env): Mask {
  const jobs = [...comparedRun(record, directory).specs.values()];
  return new Mask(secretValues(jobs, env));
}
