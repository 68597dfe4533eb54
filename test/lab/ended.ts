import * as assert from "uvu/assert";
import type { Status } from "../../src/core/job-result.ts";
import type { RunRecord } from "../../src/core/run-record.ts";
import type { Ended, Rig } from "./rig.ts";

/** How a run that an error ends must look, to people and in its record. */
export interface ErrorEnd {
  readonly code: number;
  readonly status?: Status;
  readonly kind: string;
  /** Each must be in the message, on stderr and in the record. */
  readonly says: readonly (string | RegExp)[];
  readonly hint: string | RegExp;
}

/** Checks exit code, message and hint, and that the record is terminal and says the same. */
export function checkEnd(rig: Rig, { code, stderr }: Ended, expected: ErrorEnd): RunRecord {
  const record = rig.record();
  const { state, status, exit_code, finished_at, error } = record;
  assert.equal(
    { code, state, status, exit_code, kind: error?.kind, unfinished: unfinishedJobs(record) },
    {
      ...{ code: expected.code, state: "finished", status: expected.status ?? "infra" },
      ...{ exit_code: expected.code, kind: expected.kind, unfinished: [] },
    },
    stderr,
  );
  assert.ok(finished_at !== null && !Number.isNaN(Date.parse(finished_at)));
  for (const part of expected.says) {
    assert.match(error?.message ?? "", part);
    assert.match(stderr, part);
  }
  assert.match(error?.hint ?? "", expected.hint);
  assert.match(stderr.slice(stderr.indexOf("\nhint: ")), expected.hint);
  return record;
}

/** Jobs of a record that are not terminal; after a run that an error ended, none has passed either. */
function unfinishedJobs({ jobs }: RunRecord): string[] {
  return jobs
    .filter(({ state, result }) => state !== "finished" || result === null || result.status === "passed")
    .map(({ job, state }) => `${job}: ${state}`);
}
