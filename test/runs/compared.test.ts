import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plainHost } from "../../src/config/project.ts";
import { UsageError } from "../../src/core/errors.ts";
import { parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import { latestTwo } from "../../src/runs/compared.ts";
import { finished, newRecord, pendingJob } from "../../src/runs/transitions.ts";
import { makeMemory, removeWorkspaces } from "../workspace.ts";

const test = suite<{ stateDir: string }>("the latest two runs");
test.before.each((context) => {
  context.stateDir = mkdtempSync(join(tmpdir(), "pikaci-compared-"));
});
test.after(removeWorkspaces);
test.after.each(({ stateDir }) => rmSync(stateDir, { recursive: true }));

/** A run of a target (null: by name) in the given minute of the day. */
function store(stateDir: string, minute: number, target: string | null, jobs: string[], ended = true) {
  const at = new Date(Date.UTC(2026, 0, 1, 0, minute));
  const runId = parseRunId(`20260101T00${String(minute).padStart(2, "0")}00Z-00000001`);
  const client = { pid: 1, started: "", hostname: "elsewhere" };
  const start = newRecord({
    runId,
    projectId: "p",
    host: plainHost("local", parseHostUrl("local")),
    now: at,
    client,
  });
  const names = jobs.map((job) => pendingJob(parseJobName(job)));
  const record = { ...start, target: target === null ? null : parseJobName(target), jobs: names };
  const directory = join(stateDir, "runs", runId);
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, "run.json"),
    JSON.stringify(ended ? finished(record, 130, at) : { ...record, state: "detached" }),
  );
  return runId;
}

function ids(stateDir: string): string[] {
  const { before, after } = latestTwo({ stateDir, memory: makeMemory() });
  return [before.record.run_id, after.record.run_id];
}

test("of the same target, whatever ran between and after them", ({ stateDir }) => {
  store(stateDir, 1, "check", ["unit"]);
  const before = store(stateDir, 2, "check", ["unit"]);
  store(stateDir, 3, "lint", ["lint"]);
  const after = store(stateDir, 4, "check", ["unit", "more"]);
  store(stateDir, 5, "check", ["unit"], false);
  store(stateDir, 6, "check", []);
  store(stateDir, 7, null, ["unit"]);
  mkdirSync(join(stateDir, "runs/20260101T000800Z-00000001"));
  assert.equal(ids(stateDir), [before, after]);
});

test("by name: of the same jobs", ({ stateDir }) => {
  const before = store(stateDir, 1, null, ["unit"]);
  store(stateDir, 2, null, ["unit", "lint"]);
  const after = store(stateDir, 3, null, ["unit"]);
  assert.equal(ids(stateDir), [before, after]);
});

test("without two there is nothing to compare", ({ stateDir }) => {
  const refused = () => latestTwo({ stateDir, memory: makeMemory() });
  const isUsage = (error: unknown) => error instanceof UsageError;
  assert.throws(refused, isUsage);
  store(stateDir, 1, "check", ["unit"]);
  store(stateDir, 2, "lint", ["lint"]);
  assert.throws(refused, isUsage);
});

test.run();
