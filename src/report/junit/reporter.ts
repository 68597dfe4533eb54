import { readEnd } from "../../io/artifact-files.ts";
import type { JobRecord, RunRecord } from "../../model.ts";
import { jobFile, runFile } from "../../record/layout.ts";
import type { Reporter, Sink } from "../reporter.ts";
import { suitesOfArtifacts } from "./artifacts.ts";
import { junitDocument } from "./document.ts";
import { suiteOfJobs } from "./jobs.ts";

const LOG_BYTES = 16 * 1024;

/** A JUnit file at a run's end: its jobs, and the tests that their guests told of in files of their own. */
export function junitReporter(sink: Sink): Reporter {
  return {
    emit: (event) => {
      if (event.type === "run-finished") sink.write(documentOf(event.record, event.directory));
    },
    close: () => [sink.close() ?? []].flat(),
  };
}

function documentOf(record: RunRecord, directory: string): string {
  const place = ({ job }: JobRecord) => runFile.job(directory, job);
  const logEnd = (job: JobRecord) => readEnd(jobFile.guestLog(place(job)), LOG_BYTES).toString("utf8");
  return junitDocument(`pikaci ${record.run_id}`, [
    suiteOfJobs(record, logEnd),
    ...record.jobs.flatMap((job) => suitesOfArtifacts(job, place(job))),
  ]);
}
