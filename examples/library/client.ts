#!/usr/bin/env -S npx tsx
// A client of the library: says what would run, runs it, and prints one line of JSON per job.
// Usage: npx tsx examples/library/client.ts [DIRECTORY] [HOST]. In a project of yours, import from "pikaci".
import { plan, run } from "../../src/index.ts";

const [cwd = ".", on = "local"] = process.argv.slice(2);
const stopped = new AbortController();
process.once("SIGINT", () => stopped.abort());

const { target } = await plan({ cwd, on, signal: stopped.signal });
console.error(`target ${target ?? "none"}`);

const ci = run({ cwd, on, signal: stopped.signal });
for await (const event of ci) if (event.type === "job-log") process.stderr.write(event.data);

const record = await ci.result;
for (const { job, result, artifacts } of record.jobs)
  console.log(
    JSON.stringify({ job, status: result?.status ?? null, artifacts: artifacts.map(({ path }) => path) }),
  );
process.exitCode = record.exit_code ?? 3;
