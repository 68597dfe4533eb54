import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plainHost } from "../../src/config/project.ts";
import { parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import { Recorder } from "../../src/runs/recorder.ts";
import { RunDigests } from "../../src/runs/run-digests.ts";
import { openRun } from "../../src/runs/stored-runs.ts";
import { closedJob, pendingJob } from "../../src/runs/transitions.ts";
import { blake3Hex } from "../../src/system/blake3.ts";
import { digestFile } from "../../src/system/file-digest.ts";
import { makeContext, makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("the digests of a run's files");
test.after(removeWorkspaces);

const unit = parseJobName("unit");
const hex = (text: string) => blake3Hex(Buffer.from(text));

test("documents, logs and each artifact have one; a name is bytes", () => {
  const directory = makeDirectory();
  writeFiles(directory, {
    "jobs/unit/guest.log": "said\n",
    "jobs/unit/services/db.log": "listens\n",
    "jobs/unit/services/not a name.log": "",
    "events.jsonl": "{}\n{}\n",
    "jobs/unit/artifacts/a/odd\nname \xff": "one",
    "jobs/unit/artifacts/run": "two",
    "jobs/other/artifacts/x": "not this job's",
  });
  chmodSync(join(directory, "jobs/unit/artifacts/run"), 0o755);
  symlinkSync("/etc/passwd", join(directory, "jobs/unit/artifacts/link"));
  const digests = new RunDigests(directory, {});
  digests.write(join(directory, "plan.json"), { a: 1 });
  assert.is(digests.takeArtifacts(unit), null);
  digests.takeLogs([unit]);
  assert.equal(digests.artifactsOf(unit), {
    a: "directory ",
    "a/odd\nname \xff": `file ${hex("one")}`,
    link: `symlink ${hex("/etc/passwd")}`,
    run: `executable ${hex("two")}`,
  });
  const { "plan.json": plan, "events.jsonl": events, "jobs/unit/guest.log": log } = digests.all;
  assert.equal([plan, events, log], [hex('{\n  "a": 1\n}\n'), `6 ${hex("{}\n{}\n")}`, hex("said\n")]);
  assert.is(digests.all["jobs/unit/services/db.log"], hex("listens\n"));
  assert.equal(
    Object.keys(new RunDigests(directory, digests.all).all).filter((name) => name.endsWith(".log")),
    [],
  );
  assert.ok(digests.has(join(directory, "plan.json")));
  assert.not(digests.has(join(directory, "jobs/unit/host.log")));
});

test("artifacts that are fetched anew take the place of the earlier ones", () => {
  const directory = makeDirectory();
  const artifacts = join(directory, "jobs/unit/artifacts");
  writeFiles(artifacts, { old: "", both: "1" });
  const digests = new RunDigests(directory, { "plan.json": hex("") });
  digests.takeArtifacts(unit);
  rmSync(join(artifacts, "old"));
  writeFileSync(join(artifacts, "both"), "2");
  digests.takeArtifacts(unit);
  assert.equal(digests.artifactsOf(unit), { both: `file ${hex("2")}` });
  assert.is(digests.all["plan.json"], hex(""));
});

test("only a regular file has a digest, of as many bytes as it has", () => {
  const directory = makeDirectory();
  const file = join(directory, "file");
  writeFileSync(file, "0123456789");
  assert.equal(digestFile(file), { digest: hex("0123456789"), bytes: 10 });
  assert.equal(digestFile(file, 3), { digest: hex("012"), bytes: 3 });
  assert.equal(digestFile(file, 11)?.bytes, 10);
  symlinkSync(file, join(directory, "link"));
  for (const none of ["link", "missing", "."]) assert.is(digestFile(join(directory, none)), null, none);
});

test("a run's record has them, once it is over", () => {
  const context = makeContext();
  const runId = parseRunId("20260101T000000Z-0123abcd");
  const start = {
    runId,
    projectId: "p",
    host: plainHost("local", parseHostUrl("local")),
    onFailure: () => {},
  };
  const recorder = new Recorder(start, context);
  const directory = recorder.jobDirectory(unit);
  mkdirSync(join(directory, "artifacts"), { recursive: true });
  writeFileSync(join(directory, "artifacts/report"), "good");
  recorder.emit({ type: "host-log", job: null, line: "said" });
  recorder.job(closedJob(pendingJob(unit), runId, { status: "failed", message: "exit 1", at: new Date(0) }));
  assert.equal(recorder.artifactDigests(unit), { report: `file ${hex("good")}` });
  recorder.finish(null);
  const digests = openRun(context, runId).digests ?? {};
  assert.equal(Object.keys(digests).sort(), [
    "events.jsonl",
    "host.log",
    "jobs/unit/artifacts/report",
    "jobs/unit/result.json",
  ]);
  const size = Number(digests["events.jsonl"]?.split(" ")[0]);
  const events = join(recorder.directory, "events.jsonl");
  assert.ok(size > 0 && size < statSync(events).size);
  assert.equal(digestFile(events, size)?.digest, digests["events.jsonl"]?.split(" ")[1]);
});

test.run();
