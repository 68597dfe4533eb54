import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseConfig } from "../../src/config/load.ts";
import { plainHost } from "../../src/config/project.ts";
import { TrustError } from "../../src/core/errors.ts";
import { parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { Plan } from "../../src/core/plan.ts";
import { NO_HOST_PARTS } from "../../src/runs/host-view.ts";
import { openOwnRun } from "../../src/runs/own-run.ts";
import { Recorder } from "../../src/runs/recorder.ts";
import { listRuns, openRun } from "../../src/runs/stored-runs.ts";
import { makeContext, removeWorkspaces } from "../workspace.ts";

const test = suite("runs that this account has recorded");
test.after(removeWorkspaces);

const runId = parseRunId("20260101T000000Z-0123abcd");
const host = parseHostUrl("local");
const unit = parseJobName("unit");
const jobs = Object.values(parseConfig({ jobs: { unit: { command: "true" } } }, "/w", null).jobs);
const nix = { evaluation: [], manner: [], rest: [], impure: false };
const plan: Plan = { schema_version: 1, project_id: "p", target: null, host, nix, nodes: [], skipped: [] };
const parts = {
  ...{ name: "unit", files: "f", command: "c", environment: "e", "prepared outputs": "p", runner: "r s" },
  ...{
    git: "",
    layout: "2",
    machine: "",
    ...NO_HOST_PARTS,
    timeout: "t",
    limits: "l",
    place: "p",
    retries: "",
    secrets: "[]",
    services: "",
  },
};

/** A run that has ended, of one job whose key is stored. */
function recorded() {
  const context = makeContext();
  const recorder = new Recorder(
    { runId, projectId: "p", host: plainHost(host, host), onFailure: () => {} },
    context,
  );
  recorder.begin(plan, jobs);
  recorder.key(unit, { untrusted: true, purpose: "remember", parts });
  recorder.finish(null);
  return { context, recorder, directory: recorder.directory };
}

function refusal(action: () => unknown): TrustError {
  try {
    action();
  } catch (error) {
    if (error instanceof TrustError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

test("one's own run is opened, and knows its job's key", () => {
  const { context, recorder } = recorded();
  const run = openOwnRun(context, "latest");
  assert.is(run.record.run_id, runId);
  assert.equal(recorder.storedKey(unit), { untrusted: true, purpose: "remember", parts });
  assert.equal(Object.keys(run.digests ?? {}).sort(), [
    "events.jsonl",
    "jobs/unit/job.json",
    "jobs/unit/verdict-key.json",
    "plan.json",
  ]);
});

test("a record with any word changed, or without a seal, is shown and not acted by", () => {
  const { context, directory } = recorded();
  const file = join(directory, "run.json");
  const document = JSON.parse(readFileSync(file, "utf8"));
  const { mac: _, ...unsealed } = document;
  const { digests: __, ...bare } = unsealed;
  const other = { ...document.client, pid: 1 };
  for (const forged of [
    unsealed,
    bare,
    { ...document, exit_code: 0 },
    { ...document, status: "passed" },
    { ...document, host: "ssh://elsewhere" },
    { ...document, client: other },
    { ...document, digests: {} },
    { ...document, more: true },
    { ...document, mac: "" },
  ]) {
    writeFileSync(file, JSON.stringify(forged));
    const error = refusal(() => openOwnRun(context, "latest"));
    assert.is(error.exitCode, 4);
    assert.match(error.message, `run ${runId} was not recorded by this account in this workspace`);
    assert.ok(error.hint);
    assert.is(openRun(context, "latest").digests, null);
    assert.is(listRuns(context)[0]?.digests, null);
  }
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(Object.entries(document).reverse()))} `);
  assert.is(openOwnRun(context, "latest").record.run_id, runId);
});

for (const name of ["plan.json", "jobs/unit/job.json", "jobs/unit/verdict-key.json"])
  for (const [what, damage] of Object.entries({
    changed: (path: string) => writeFileSync(path, "{}"),
    gone: (path: string) => rmSync(path),
  }))
    test(`a run whose ${name} is ${what} is not acted by`, () => {
      const { context, directory } = recorded();
      damage(join(directory, name));
      assert.match(
        refusal(() => openOwnRun(context, "latest")).message,
        `${name} is not what was recorded of run`,
      );
    });

test("a key beside a run that recorded none is not taken", () => {
  const context = makeContext();
  const recorder = new Recorder(
    { runId, projectId: "p", host: plainHost(host, host), onFailure: () => {} },
    context,
  );
  recorder.begin(plan, jobs);
  const forged = { schema_version: 1, untrusted: false, parts };
  writeFileSync(join(recorder.jobDirectory(unit), "verdict-key.json"), JSON.stringify(forged));
  assert.is(recorder.storedKey(unit), null);
  recorder.finish(null);
  assert.match(refusal(() => openOwnRun(context, "latest")).message, "verdict-key.json");
});

test("of another account, or another workspace, it is foreign", () => {
  const { context } = recorded();
  for (const change of [{ key: Buffer.alloc(32, 2) }, { workspaceId: "1".repeat(64) }]) {
    const memory = { ...context.memory, ...change };
    refusal(() => openOwnRun({ ...context, memory }, "latest"));
  }
});

test("a foreign run that says it is under way is not written to", () => {
  const { context, directory } = recorded();
  const file = join(directory, "run.json");
  const { mac: _, ...document } = JSON.parse(readFileSync(file, "utf8"));
  const client = { ...document.client, started: "long ago" };
  const forged = JSON.stringify({ ...document, state: "running", status: null, exit_code: null, client });
  writeFileSync(file, forged);
  listRuns(context);
  assert.is(readFileSync(file, "utf8"), forged);
});

test.run();
