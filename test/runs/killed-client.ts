import { dirname } from "node:path";
import { parseConfig } from "../../src/config/load.ts";
import { plainHost } from "../../src/config/project.ts";
import { parseHostUrl, parseRunId } from "../../src/core/ids.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Recorder } from "../../src/runs/recorder.ts";
import { makeMemory } from "../workspace.ts";

const [stateDir = "", runId = ""] = process.argv.slice(2);
const host = parseHostUrl("local");
const context = {
  emit: () => {},
  signal: new AbortController().signal,
  clock: () => new Date(),
  author: "trusted" as const,
  env: {},
  workspace: dirname(stateDir),
  stateDir,
  memory: makeMemory(`${stateDir}-memory`),
};
const recorder = new Recorder(
  { runId: parseRunId(runId), projectId: "p", host: plainHost(host, host), onFailure: () => {} },
  context,
);
const plan: Plan = {
  schema_version: 1,
  project_id: "p",
  target: null,
  host,
  nix: { evaluation: [], manner: [], rest: [], impure: false },
  nodes: [],
  skipped: [],
};
recorder.begin(plan, Object.values(parseConfig({ jobs: { a: { command: "true" } } }, "/w", null).jobs));
process.stdout.write("started\n");
setInterval(() => {}, 1000);
