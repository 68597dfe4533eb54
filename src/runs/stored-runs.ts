import type { Context, Memory } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import { orNull, parseRunId, type RunId } from "../core/ids.ts";
import type { RunRecord } from "../core/run-record.ts";
import { changedAt, listDirectory, readJson, removeFile, writeJson } from "../system/client-files.ts";
import { codeOf } from "../system/error-code.ts";
import { liveness } from "../system/process-identity.ts";
import { findRun } from "./find.ts";
import { runDirectory, runFile, runsDirectory } from "./layout.ts";
import { type ParsedRecord, parseRecord } from "./parse.ts";
import { type FileDigests, sealedDigests, sealedRecord } from "./sealed-record.ts";
import { abandoned } from "./transitions.ts";

/** A run's directory; `broken` says why its record cannot be read. */
export type StoredRun = ParsedRecord & {
  readonly runId: RunId;
  readonly directory: string;
  /** The digests of the run's files; null when this account has not sealed the record, which may then be a stranger's. */
  readonly digests: FileDigests | null;
};

/** A run whose record can be read. */
export interface OpenedRun {
  readonly record: RunRecord;
  readonly directory: string;
  readonly digests: FileDigests | null;
}

/** Where records are, and the key that this account seals them with. */
export type RecordPlace = Pick<Context, "stateDir" | "memory">;

/** Ids of the workspace's runs, oldest first; other names are ignored. */
export function runIds(stateDir: string): RunId[] {
  return listDirectory(runsDirectory(stateDir)).flatMap((name) => {
    const id = orNull(parseRunId, name);
    return id === null ? [] : [id];
  });
}

/** Every run, newest first. Records of runs whose client died are finished on the way. */
export function listRuns(place: RecordPlace): StoredRun[] {
  return runIds(place.stateDir)
    .reverse()
    .map((runId) => readRun(place, runId));
}

/** The run that `wanted` means, to be shown: an id, a prefix, `latest`. UsageError; InfraError when its record is broken. */
export function openRun(place: RecordPlace, wanted: string): OpenedRun {
  const run = readRun(place, findRun(runIds(place.stateDir), wanted));
  if ("record" in run) return run;
  throw new InfraError("client", `the record of run ${run.runId} is broken: ${run.broken}`, {
    hint: `its logs are in ${run.directory}; remove that directory, or look at another run of \`pikaci list\``,
  });
}

export function readRun({ stateDir, memory }: RecordPlace, runId: RunId): StoredRun {
  const directory = runDirectory(stateDir, runId);
  const { digests, ...parsed } = readStored(directory, runId, memory);
  if (!("record" in parsed)) return { runId, directory, digests, ...parsed };
  return { runId, directory, digests, record: settled(parsed.record, directory, digests, memory) };
}

function readStored(
  directory: string,
  runId: RunId,
  memory: Memory,
): ParsedRecord & Pick<StoredRun, "digests"> {
  try {
    const stored = readJson(runFile.record(directory));
    return { ...parseRecord(stored, runId), digests: sealedDigests(memory, stored) };
  } catch (error) {
    const reason = error instanceof SyntaxError ? "is not JSON" : (codeOf(error) ?? String(error));
    return { broken: `run.json: ${reason}`, digests: null };
  }
}

/** The record, finished on disk when its client is dead. Records of other machines or accounts are left as they are. */
function settled(
  record: RunRecord,
  directory: string,
  digests: FileDigests | null,
  memory: Memory,
): RunRecord {
  if (record.state !== "running" || liveness(record.client) !== "dead") return record;
  const again = readStored(directory, record.run_id, memory);
  if ("record" in again && again.record.state === "finished") return again.record;
  const final = abandoned(record, lastSign(record, directory));
  if (digests !== null) writeIfPossible(directory, sealedRecord(memory, final, digests));
  return final;
}

/** Ignores errors: commands that only show runs must work in a read-only workspace. */
function writeIfPossible(directory: string, record: object): void {
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
