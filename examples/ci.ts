#!/usr/bin/env -S npx tsx
// A CI script of one's own: runs a target, tells what happened, and leaves the artifacts where a CI service looks.
// Usage: npx tsx examples/ci.ts [DIRECTORY] [HOST]. In a project of yours, import from "pikaci".
import { argv, echo, fs, path } from "zx";
import { run } from "../src/index.ts";

const [directory = ".", on = "local"] = argv._;
const stopped = new AbortController();
process.once("SIGINT", () => stopped.abort());

const ci = run({ cwd: directory, on, signal: stopped.signal });
let records = "";
for await (const event of ci) {
  if (event.type === "stage-finished" && event.job === null) echo(`${event.stage}: ${event.durationMs} ms`);
  if (event.type === "job-finished") echo(`${event.job}: ${event.result.status}`);
  if (event.type === "run-finished") records = event.directory;
}

const record = await ci.result;
for (const { job, artifacts } of record.jobs) {
  if (artifacts.length > 0)
    await fs.copy(path.join(records, "jobs", job, "artifacts"), path.join(directory, "ci-artifacts", job));
}
echo(`${record.run_id}: ${record.error?.message ?? record.status}`);
process.exitCode = record.exit_code ?? 3;
