import { join } from "node:path";
import type { JobName, RunId } from "../core/ids.ts";

/** The directory of a workspace's records, below its `.pikaci`; docs/state-layout.md. */
export function runsDirectory(stateDir: string): string {
  return join(stateDir, "runs");
}

export function runDirectory(stateDir: string, runId: RunId): string {
  return join(runsDirectory(stateDir), runId);
}

/** Exists when `gc` must not remove the run. */
export function pinFile(directory: string): string {
  return join(directory, "pinned");
}

/** The files of one run's directory. */
export const runFile = {
  record: (directory: string) => join(directory, "run.json"),
  /** Room for the terminal record when the disk is full by then; gone once that is written. */
  reserve: (directory: string) => join(directory, ".reserve"),
  plan: (directory: string) => join(directory, "plan.json"),
  preparedOutputs: (directory: string) => join(directory, "prepared-outputs.json"),
  events: (directory: string) => join(directory, "events.jsonl"),
  /** Output of the host and of Nix for the whole run. */
  hostLog: (directory: string) => join(directory, "host.log"),
  job: (directory: string, job: JobName) => join(directory, "jobs", job),
};

/** The files of `jobs/<job>`. */
export const jobFile = {
  spec: (directory: string) => join(directory, "job.json"),
  result: (directory: string) => join(directory, "result.json"),
  hostLog: (directory: string) => join(directory, "host.log"),
  guestLog: (directory: string) => join(directory, "guest.log"),
  /** The directory of its services' logs, `<service>.log` each. */
  serviceLogs: (directory: string) => join(directory, "services"),
  serviceLog: (directory: string, service: JobName) => join(directory, "services", `${service}.log`),
  artifacts: (directory: string) => join(directory, "artifacts"),
  /** What the job's verdict depends on, if the verdict may be remembered. */
  key: (directory: string) => join(directory, "verdict-key.json"),
};
