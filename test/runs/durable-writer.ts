import { realpathSync } from "node:fs";
import { parseConfig } from "../../src/config/load.ts";
import { plainHost } from "../../src/config/project.ts";
import { parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import { NO_SOURCE } from "../../src/core/no-source.ts";
import { NO_HOST_PARTS } from "../../src/runs/host-view.ts";
import { keyParts } from "../../src/runs/key.ts";
import { Recorder } from "../../src/runs/recorder.ts";
import { rememberJob } from "../../src/runs/remember-job.ts";
import { closedJob, pendingJob } from "../../src/runs/transitions.ts";
import { blake3Hex } from "../../src/system/blake3.ts";
import { openKey } from "../../src/system/client-key.ts";
import { assemble } from "../../src/tree/manifest/assemble.ts";
import { makeMemory } from "../workspace.ts";

// Records a run of one job that passes, in the workspace that is the first argument, and remembers the verdict below the second.
const [workspace = "", memory = ""] = process.argv.slice(2);
const { key } = openKey({ XDG_STATE_HOME: `${memory}/state` });
const context = {
  ...{
    emit: () => {},
    signal: new AbortController().signal,
    clock: () => new Date(),
    author: "trusted" as const,
  },
  ...{
    env: process.env,
    workspace,
    stateDir: `${workspace}/.pikaci`,
    memory: { ...makeMemory(memory), workspaceId: blake3Hex(realpathSync.native(workspace, "buffer")), key },
  },
};
const host = parseHostUrl("local");
const runId = parseRunId("20260101T000000Z-0123abcd");
const [spec] = Object.values(parseConfig({ jobs: { unit: { command: "true" } } }, workspace, null).jobs);
if (spec === undefined) throw new Error("the configuration has a job");
const nix = { evaluation: [], manner: [], rest: [], impure: false };
const recorder = new Recorder(
  { runId, projectId: "p", host: plainHost(host, host), onFailure: () => {} },
  context,
);
recorder.begin({ schema_version: 1, project_id: "p", target: null, host, nix, nodes: [], skipped: [] }, [
  spec,
]);
const hashed = assemble({ workspace, source: NO_SOURCE, entries: [], leftOut: [] }, []);
recorder.key(spec.name, {
  untrusted: false,
  purpose: "remember",
  parts: keyParts(spec, hashed, { prepared: {}, runner: "r s", machine: "", git: "", host: NO_HOST_PARTS }),
});
const { result, ...rest } = closedJob(pendingJob(parseJobName("unit")), runId, {
  status: "passed",
  message: "exit 0",
  at: new Date(0),
});
if (result === null) throw new Error("a closed job has a result");
const record = { ...rest, result: { ...result, exit_code: 0 } };
recorder.job(record);
rememberJob(record, recorder, context);
recorder.finish(null);
