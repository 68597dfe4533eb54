import type { JobRecord } from "../../core/run-record.ts";
import type { ReportedTest } from "../../runs/history/tests.ts";
import { suitesOfArtifacts } from "../../runs/reports/artifacts.ts";

/** The tests of a job's JUnit and TAP files, as the history keeps them; `suite` is a test's class name, else its suite's. */
export function reportedTests(job: JobRecord, jobDirectory: string): ReportedTest[] {
  return suitesOfArtifacts(job, jobDirectory).flatMap(({ name: suite, cases }) =>
    cases.map(({ name, classname, outcome, seconds }) => ({
      suite: classname === "" ? suite : classname,
      name,
      outcome,
      ms: seconds === null ? null : Math.round(seconds * 1000),
    })),
  );
}
