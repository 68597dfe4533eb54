// needs: nix
// time-limit: 120
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import { parseJobName, parseRunId } from "../../src/core/ids.ts";
import { cancelOnHost, jobsOnHost } from "../../src/guest/jobs-on-host.ts";
import { openPlainSession } from "../../src/remote/host-link.ts";
import { hostSpec } from "../publish/publish-rig.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces } from "../workspace.ts";

const test = suite("what a host says of a run's jobs");
test.after(removeWorkspaces);

const runId = parseRunId("20260101T000000Z-0123abcd");
const job = parseJobName("build");
const result = {
  schema_version: 1,
  run_id: runId,
  job,
  status: "passed",
  exit_code: 0,
  signal: null,
  timed_out: false,
  started_at: null,
  finished_at: "2026-01-01T00:00:01.000Z",
  duration_ms: 1,
  message: "exit 0",
};

/** Asks a host whose one job of the run left `stored` as its result. */
async function asked(stored: object, question: typeof jobsOnHost) {
  const workDir = join(makeDirectory(), "work");
  const context = makeContext({ HOME: makeDirectory() });
  const session = await openPlainSession(
    { host: hostSpec("local", workDir), runId, as: "observer" },
    context,
  );
  const jobDir = join(workDir, "runs", runId, "jobs", job);
  mkdirSync(jobDir, { recursive: true });
  writeFileSync(join(jobDir, "result.json"), JSON.stringify(stored));
  writeFileSync(join(jobDir, "alive"), "");
  return question(runId, session, context).finally(() => session.connection.close());
}

test("an instance of a matrix is found, and ended, by its name", async () => {
  const workDir = join(makeDirectory(), "work");
  const context = makeContext({ HOME: makeDirectory() });
  const host = hostSpec("local", workDir);
  const session = await openPlainSession({ host, runId, as: "observer" }, context);
  const names = ["unit (20, c++)", "unit (22, c++)", "plain"].map(parseJobName);
  for (const name of names) {
    const jobDir = join(workDir, "runs", runId, "jobs", name);
    mkdirSync(jobDir, { recursive: true });
    writeFileSync(join(jobDir, "result.json"), JSON.stringify({ ...result, job: name }));
    writeFileSync(join(jobDir, "alive"), "");
  }
  const [one, ...others] = names;
  const found = async (...wanted: typeof names) =>
    (await cancelOnHost(runId, wanted, session, context)).map((ended) => ended.job).sort();
  assert.equal(
    (await jobsOnHost(runId, session, context)).map((known) => known.job).sort(),
    [...names].sort(),
  );
  assert.equal(await found(), [...names].sort());
  assert.equal(await found(...(one === undefined ? [] : [one])), [one]);
  assert.equal(await found(...others), [...others].sort());
  await session.connection.close();
});

const cancelled: typeof jobsOnHost = (id, session, context) => cancelOnHost(id, [job], session, context);

for (const [name, question] of Object.entries({ jobsOnHost, cancelled })) {
  test(`${name}: a job's own result is taken`, async () => {
    assert.equal(await asked(result, question), [{ job, lives: false, result }]);
  });

  const others = [{ run_id: "20260101T000000Z-99999999" }, { job: "test" }];
  for (const other of others)
    test(`${name}: a result of another is refused by name: ${JSON.stringify(other)}`, async () => {
      const error = await rejection(asked({ ...result, ...other }, question));
      const stored = { ...result, ...other };
      assert.instance(error, InfraError);
      assert.match(
        String(error),
        `the host answered for job ${stored.job} of run ${stored.run_id}, not for build of ${runId}`,
      );
    });
}

test.run();
