import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { JobResult, Status } from "../../src/core/job-result.ts";
import { unaskedEnd } from "../../src/guest/execute.ts";

const url = parseHostUrl("ssh://ci@builder");

function result(status: Status, message: string): JobResult {
  return {
    ...{ schema_version: 1, run_id: parseRunId("20260101T000000Z-00000000"), job: parseJobName("x") },
    ...{ status, message, exit_code: null, signal: null, timed_out: false },
    ...{ started_at: null, finished_at: "2026-01-01T00:00:00.000Z", duration_ms: null },
  };
}

const silent = "nothing was heard of the client for 6 s";
const cases = [
  ["passed", "exit 0", false, null],
  ["cancelled", "cancelled by the client", false, null],
  ["cancelled", "the client went away", true, null],
  ["cancelled", "the client went away", false, /^the connection to ssh:\/\/ci@builder was lost, so the host/],
  ["cancelled", silent, false, /^nothing was heard of the client for 6 s, so the host ended the run$/],
] as const;

for (const [status, message, asked, expected] of cases)
  test(`${status}, ${message}, ${asked ? "asked" : "not asked"} to stop`, () => {
    const fault = unaskedEnd(result(status, message), { aborted: asked }, url);
    if (expected === null) assert.is(fault, null);
    else {
      assert.match(fault?.message ?? "", expected);
      assert.match(fault?.hint ?? "", "run the command again");
      assert.is(fault?.exitCode, 3);
    }
  });

test.run();
