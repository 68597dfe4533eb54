// time-limit: 120
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { callsOf } from "../traced.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("what a client keeps through a power cut");
test.after(removeWorkspaces);

const WRITER = childWords("test/runs/durable-writer.ts");

/** The calls of a client that records a run and remembers its verdict, with paths from the places below. */
function record(env: Readonly<Record<string, string>>): string[] {
  const [workspace, memory] = [makeDirectory(), makeDirectory()];
  const words = [process.execPath, ...WRITER, workspace, memory];
  const calls = callsOf(words, join(makeDirectory(), "trace"), {
    ...process.env,
    PIKACI_NO_SYNC: "",
    ...env,
  });
  return calls
    .filter((call) => !call.includes("node-compile-cache") && !call.includes("tsx-"))
    .map((call) =>
      call
        .replaceAll(`${workspace}/.pikaci/runs/20260101T000000Z-0123abcd`, "RUN")
        .replaceAll(`${workspace}/.pikaci`, "STATE")
        .replaceAll(memory, "MEMORY")
        .replace(/\b[0-9a-f]{64}\.json/, "KEY.json")
        .replace(/(json|verdict-key)\.[0-9a-f]+$/, "$1.NEW"),
    );
}

test("documents come before the record that names them, a file before its name, and then the directory", () => {
  const calls = record({});
  const key = calls.indexOf("fsync MEMORY/state/pikaci-client/verdict-key.NEW");
  assert.equal(calls.slice(key + 1, key + 3), ["rename verdict-key", "fsync MEMORY/state/pikaci-client"]);
  const first = calls.indexOf("fsync MEMORY/verdicts/KEY.json.NEW");
  const verdict = ["fsync MEMORY/verdicts/KEY.json.NEW", "rename KEY.json", "fsync MEMORY/verdicts"];
  // The newest of a job is looked at by `why` alone.
  assert.equal(calls.slice(first, first + 4), [...verdict, "rename unit.json"]);
  assert.equal(calls.slice(first + 4), [
    ...["jobs/unit/job.json", "plan.json", "jobs/unit/verdict-key.json", "jobs/unit/result.json"].map(
      (name) => `fsync RUN/${name}`,
    ),
    ...["fsync RUN/jobs/unit", "fsync RUN", "fsync RUN/jobs", "fsync STATE/runs", "fsync STATE"],
    ...["fsync RUN/run.json.NEW", "rename run.json", "fsync RUN"],
  ]);
});

test("where that is not wanted, only the account's key waits", () => {
  const synced = record({ PIKACI_NO_SYNC: "1" }).filter((call) => !call.startsWith("rename"));
  assert.equal(synced, [
    "fsync MEMORY/state/pikaci-client/verdict-key.NEW",
    "fsync MEMORY/state/pikaci-client",
  ]);
});

test.run();
