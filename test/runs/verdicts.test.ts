import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { JobRecord } from "../../src/core/run-record.ts";
import type { KeyParts } from "../../src/core/verdict.ts";
import { NO_HOST_PARTS } from "../../src/runs/host-view.ts";
import { verdictKey } from "../../src/runs/key.ts";
import { closedJob, pendingJob } from "../../src/runs/transitions.ts";
import {
  artifactsOf,
  artifactsWrong,
  findVerdict,
  forgetVerdict,
  newestVerdict,
  putVerdict,
} from "../../src/runs/verdicts.ts";
import { treeDigests } from "../../src/tree/tree-digests.ts";
import { makeContext, makeMemory, removeWorkspaces } from "../workspace.ts";

const test = suite("verdicts that are remembered");
test.after(removeWorkspaces);

const runId = parseRunId("20260101T000000Z-0123abcd");
const job = parseJobName("unit");
const parts: KeyParts = {
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

function ended(status: "passed" | "failed"): JobRecord {
  const { result, ...record } = closedJob(pendingJob(job), runId, {
    status,
    message: "said so",
    at: new Date(0),
  });
  if (result === null) throw new Error("a closed job has a result");
  const artifacts = [{ path: "report", type: "file" as const, size: 4 }];
  return { ...record, result: { ...result, exit_code: status === "passed" ? 0 : 1 }, artifacts };
}

/** A failure that was remembered, with an artifact. */
function remembered(store: "trusted" | "untrusted" = "trusted") {
  const context = makeContext();
  const artifacts = artifactsOf(context.stateDir, { run_id: runId, job });
  mkdirSync(artifacts, { recursive: true });
  writeFileSync(join(artifacts, "report"), "good");
  putVerdict(context, store, { runId, record: ended("failed"), parts, digests: treeDigests(artifacts) });
  const directory = join(
    context.memory.directory ?? "",
    store === "trusted" ? "verdicts" : "untrusted-verdicts",
  );
  return { context, artifacts, directory, file: join(directory, `${verdictKey(parts)}.json`) };
}

test("what was remembered is found, with its artifacts", () => {
  const { context } = remembered();
  const found = findVerdict(context, "trusted", parts);
  assert.equal([found?.status, found?.exit_code, found?.run_id], ["failed", 1, runId]);
  assert.ok(found !== null);
  assert.equal(artifactsWrong(context, found), []);
  assert.equal(newestVerdict(context, job), found);
});

test("what is forgotten is found neither by its key nor as the newest of its job", () => {
  const { context } = remembered();
  const other = { ...parts, files: "other" };
  putVerdict(context, "trusted", { runId, record: ended("passed"), parts: other, digests: {} });
  const older = findVerdict(context, "trusted", parts);
  assert.ok(older);
  forgetVerdict(context, "trusted", older);
  assert.is(findVerdict(context, "trusted", parts), null);
  const newest = newestVerdict(context, job);
  assert.equal(newest?.parts, other);
  assert.ok(newest);
  forgetVerdict(context, "trusted", newest);
  assert.is(newestVerdict(context, job), null);
});

test("a verdict with any word changed, missing or added is none", () => {
  const { context, file } = remembered();
  const text = readFileSync(file, "utf8");
  const document = JSON.parse(text);
  const others: Readonly<Record<string, unknown>> = {
    run_id: "20260101T000000Z-0123abce",
    job: "other",
    status: "passed",
    exit_code: 0,
    parts: { ...parts, command: "d" },
    artifacts: [],
    digests: {},
    mac: "0".repeat(64),
    schema_version: 2,
  };
  assert.equal(Object.keys(others).sort(), Object.keys(document).sort());
  for (const [name, value] of Object.entries(others)) {
    writeFileSync(file, JSON.stringify({ ...document, [name]: value }));
    assert.is(findVerdict(context, "trusted", parts), null, `${name} changed`);
    const { [name]: _, ...without } = document;
    writeFileSync(file, JSON.stringify(without));
    assert.is(findVerdict(context, "trusted", parts), null, `${name} missing`);
  }
  for (const cut of [0, 1, 100, text.length - 4]) {
    writeFileSync(file, text.slice(0, cut));
    assert.is(findVerdict(context, "trusted", parts), null, `cut at ${cut}`);
  }
  writeFileSync(file, text);
  assert.ok(findVerdict(context, "trusted", parts) !== null);
});

test("a directory in the place of a verdict is none", () => {
  const { context, file } = remembered();
  for (const path of [file, join(file, "../newest/unit.json")]) {
    rmSync(path);
    mkdirSync(path);
  }
  assert.is(findVerdict(context, "trusted", parts), null);
  assert.is(newestVerdict(context, job), null);
});

test("a verdict under another key's name, or another job's, is none", () => {
  const { context, directory, file } = remembered();
  const other = { ...parts, files: "other files" };
  copyFileSync(file, join(directory, `${verdictKey(other)}.json`));
  assert.is(findVerdict(context, "trusted", other), null);
  renameSync(join(directory, "newest/unit.json"), join(directory, "newest/lint.json"));
  assert.is(newestVerdict(context, parseJobName("lint")), null);
});

test("a verdict of another account, or of another workspace, is none", () => {
  const { context } = remembered();
  const memory = { ...context.memory, key: Buffer.alloc(32, 2) };
  assert.is(findVerdict({ ...context, memory }, "trusted", parts), null);
  const moved = { ...context.memory, workspaceId: "1".repeat(64) };
  assert.is(findVerdict({ ...context, memory: moved }, "trusted", parts), null);
});

test("an untrusted run's verdict is no trusted one's, also when its file is moved there", () => {
  const { context, directory } = remembered("untrusted");
  assert.is(findVerdict(context, "trusted", parts), null);
  assert.is(newestVerdict(context, job), null);
  assert.ok(findVerdict(context, "untrusted", parts) !== null);
  renameSync(directory, join(context.memory.directory ?? "", "verdicts"));
  assert.is(findVerdict(context, "trusted", parts), null);
});

test("a directory in the place of a verdict is none", () => {
  const { context, file } = remembered();
  rmSync(file);
  mkdirSync(file);
  assert.is(findVerdict(context, "trusted", parts), null);
});

test("artifacts that were changed, removed or added to are not those of the verdict", () => {
  const changes: Readonly<Record<string, (directory: string) => void>> = {
    "report was changed": (directory) => writeFileSync(join(directory, "report"), "evil"),
    "report was changed ": (directory) => chmodSync(join(directory, "report"), 0o755),
    "report is gone": (directory) => renameSync(join(directory, "report"), join(directory, "../away")),
    "more was added": (directory) => writeFileSync(join(directory, "more"), ""),
    "report is gone ": (directory) => renameSync(directory, `${directory}.away`),
    "report was changed  ": (directory) => {
      rmSync(join(directory, "report"));
      symlinkSync("/etc/passwd", join(directory, "report"));
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    const { context, artifacts } = remembered();
    change(artifacts);
    const found = findVerdict(context, "trusted", parts);
    assert.ok(found !== null);
    assert.equal(artifactsWrong(context, found), [what.trimEnd()]);
  }
});

test("where nothing can be remembered, nothing is", () => {
  const context = makeContext();
  const memory = { ...makeMemory(), directory: null };
  putVerdict({ ...context, memory }, "trusted", { runId, record: ended("passed"), parts, digests: {} });
  assert.is(findVerdict({ ...context, memory }, "trusted", parts), null);
  assert.equal(readdirSync(context.memory.directory ?? ""), []);
});

test.run();
