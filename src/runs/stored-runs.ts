import { InfraError, PikaciError } from "../core/errors.ts";
import { parseRunId, type RunId } from "../core/ids.ts";
import type { RunRecord } from "../core/run-record.ts";
import { changedAt, codeOf, listDirectory, readJson, removeFile, writeJson } from "../system/client-files.ts";
import { liveness } from "../system/process-identity.ts";
import { findRun } from "./find.ts";
import { runDirectory, runFile, runsDirectory } from "./layout.ts";
import { type ParsedRecord, parseRecord } from "./parse.ts";
import { abandoned } from "./transitions.ts";

/** A run's directory; `broken` says why its record cannot be read. */
export type StoredRun = ParsedRecord & { readonly runId: RunId; readonly directory: string };

/** Ids of the workspace's runs, oldest first; what is no run id is passed over. */
export function runIds(stateDir: string): RunId[] {
  return listDirectory(runsDirectory(stateDir)).flatMap((name) => {
    const id = runIdOrNull(name);
    return id === null ? [] : [id];
  });
}

/** Every run, newest first. Runs whose client died are finalised on the way. */
export function listRuns(stateDir: string): StoredRun[] {
  return runIds(stateDir)
    .reverse()
    .map((runId) => readRun(stateDir, runId));
}

/** The run that `wanted` means: an id, a prefix, `latest`. UsageError; InfraError when its record is broken. */
export function openRun(stateDir: string, wanted: string): { record: RunRecord; directory: string } {
  const run = readRun(stateDir, findRun(runIds(stateDir), wanted));
  if ("record" in run) return run;
  throw new InfraError("client", `the record of run ${run.runId} is broken: ${run.broken}`, {
    hint: `its logs are in ${run.directory}; remove that directory, or look at another run of \`pikaci list\``,
  });
}

export function readRun(stateDir: string, runId: RunId): StoredRun {
  const directory = runDirectory(stateDir, runId);
  const parsed = parseFile(directory, runId);
  return {
    runId,
    directory,
    ...("record" in parsed ? { record: settled(parsed.record, directory) } : parsed),
  };
}

function parseFile(directory: string, runId: RunId): ParsedRecord {
  try {
    return parseRecord(readJson(runFile.record(directory)), runId);
  } catch (error) {
    const reason = error instanceof SyntaxError ? "is not JSON" : (codeOf(error) ?? String(error));
    return { broken: `run.json: ${reason}` };
  }
}

/** The record, made terminal on disk when its client is dead; another machine's is left alone. */
function settled(record: RunRecord, directory: string): RunRecord {
  if (record.state !== "running" || liveness(record.client) !== "dead") return record;
  const again = parseFile(directory, record.run_id);
  if ("record" in again && again.record.state === "finished") return again.record;
  const final = abandoned(record, lastSign(record, directory));
  writeIfPossible(directory, final);
  return final;
}

/** A look at runs must not fail because the workspace can't be written. */
function writeIfPossible(directory: string, record: RunRecord): void {
  try {
    removeFile(runFile.reserve(directory));
    writeJson(runFile.record(directory), record);
  } catch (error) {
    if (!(error instanceof InfraError)) throw error;
  }
}

function lastSign(record: RunRecord, directory: string): Date {
  return changedAt(runFile.events(directory)) ?? new Date(record.created_at);
}

function runIdOrNull(name: string): RunId | null {
  try {
    return parseRunId(name);
  } catch (error) {
    if (error instanceof PikaciError) return null;
    throw error;
  }
}
