import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { JobName, RunId } from "../core/ids.ts";
import type { JobRecord } from "../core/run-record.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { type KeyParts, type Verdict, verdictSchema } from "../core/verdict.ts";
import {
  changedAt,
  listDirectory,
  makeDirectory,
  readJson,
  removeFile,
  writeJson,
} from "../system/client-files.ts";
import { verdictKey } from "./key.ts";
import { jobFile, runDirectory, runFile } from "./layout.ts";

/** Verdicts that a workspace remembers; the oldest go first. */
const VERDICT_LIMIT = 2000;

/** `.pikaci/cache/verdicts/`: by key, and under a job's name the newest. */
function directoryOf(stateDir: string): string {
  return join(stateDir, "cache", "verdicts");
}

const byKey = (stateDir: string, key: string) => join(directoryOf(stateDir), `${key}.json`);
const byJob = (stateDir: string, job: JobName) => join(directoryOf(stateDir), "newest", `${job}.json`);

/** The verdict for a key; null when there is none, or when the artifacts that belonged to it are gone. */
export function findVerdict(stateDir: string, parts: KeyParts): Verdict | null {
  const verdict = readVerdict(byKey(stateDir, verdictKey(parts)));
  if (verdict === null || verdict.artifacts.length === 0) return verdict;
  return existsSync(artifactsOf(stateDir, verdict)) ? verdict : null;
}

/** The newest verdict of a job, whatever its key. */
export function newestVerdict(stateDir: string, job: JobName): Verdict | null {
  return readVerdict(byJob(stateDir, job));
}

/** Where the artifacts of a verdict lie. */
export function artifactsOf(stateDir: string, { run_id, job }: Verdict): string {
  return jobFile.artifacts(runFile.job(runDirectory(stateDir, run_id), job));
}

/** Remembers what a job said; of anything but a pass and a failure, nothing. InfraError("client"). */
export function putVerdict(stateDir: string, runId: RunId, record: JobRecord, parts: KeyParts): void {
  const { result, job, artifacts } = record;
  if (result === null || (result.status !== "passed" && result.status !== "failed")) return;
  if (result.exit_code === null) return;
  const document: Verdict = {
    schema_version: SCHEMA_VERSION,
    run_id: runId,
    job,
    status: result.status,
    exit_code: result.exit_code,
    parts,
    artifacts,
  };
  makeDirectory(join(directoryOf(stateDir), "newest"));
  writeJson(byKey(stateDir, verdictKey(parts)), document);
  writeJson(byJob(stateDir, job), document);
}

/** Forgets the oldest verdicts beyond the limit. */
export function pruneVerdicts(stateDir: string, limit = VERDICT_LIMIT): void {
  const files = listDirectory(directoryOf(stateDir))
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(directoryOf(stateDir), name));
  if (files.length <= limit) return;
  const age = new Map(files.map((file) => [file, changedAt(file)?.getTime() ?? 0]));
  const oldest = files.sort((a, b) => (age.get(a) ?? 0) - (age.get(b) ?? 0));
  for (const file of oldest.slice(0, files.length - limit)) removeFile(file);
}

/** A verdict that cannot be read is none: the job runs again. */
function readVerdict(path: string): Verdict | null {
  try {
    return verdictSchema.parse(readJson(path));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return null;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
