import { join } from "node:path";
import * as z from "zod";
import { displayPath } from "../core/byte-path.ts";
import type { Context, Memory } from "../core/context.ts";
import { PikaciError } from "../core/errors.ts";
import type { JobName, RunId } from "../core/ids.ts";
import type { JobRecord } from "../core/run-record.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { type KeyParts, storedVerdictSchema, type Verdict } from "../core/verdict.ts";
import {
  changedAt,
  isNoDocument,
  listDirectory,
  makeDirectory,
  readJson,
  removeFile,
  writeJson,
} from "../system/client-files.ts";
import { isDurable } from "../system/durable.ts";
import { digestDifferences, type TreeDigests, treeDigests } from "../tree/tree-digests.ts";
import { verdictKey } from "./key.ts";
import { jobFile, runDirectory, runFile } from "./layout.ts";
import { isSealed, seal } from "./seal.ts";

/** How many verdicts a workspace keeps; the oldest are removed. */
const VERDICT_LIMIT = 2000;

/** Verdicts of untrusted runs are kept apart, and other runs never read them. */
export type VerdictStore = "trusted" | "untrusted";

type Place = Pick<Context, "memory" | "stateDir">;

/** The directory with the verdicts by key, and the newest one by job name; null where nothing is remembered. */
function directoryOf({ directory }: Memory, store: VerdictStore): string | null {
  if (directory === null) return null;
  return join(directory, store === "trusted" ? "verdicts" : "untrusted-verdicts");
}

const byKey = (directory: string, key: string) => join(directory, `${key}.json`);
const byJob = (directory: string, job: JobName) => join(directory, "newest", `${job}.json`);

/** The verdict that this account remembers for a key in this workspace; null when there is none. */
export function findVerdict({ memory }: Place, store: VerdictStore, parts: KeyParts): Verdict | null {
  const directory = directoryOf(memory, store);
  const key = verdictKey(parts);
  const verdict = directory === null ? null : readVerdict(byKey(directory, key), memory, store);
  return verdict !== null && verdictKey(verdict.parts) === key ? verdict : null;
}

/** Like `findVerdict`, but `not sealed` for a stored verdict without a valid seal of this account. */
export function rememberedVerdict(
  place: Place,
  store: VerdictStore,
  parts: KeyParts,
): Verdict | "not sealed" | null {
  const found = findVerdict(place, store, parts);
  const directory = directoryOf(place.memory, store);
  if (found !== null || directory === null) return found;
  return changedAt(byKey(directory, verdictKey(parts))) === null ? null : "not sealed";
}

/** The newest verdict of a job, whatever its key. */
export function newestVerdict({ memory }: Place, job: JobName): Verdict | null {
  const directory = directoryOf(memory, "trusted");
  const verdict = directory === null ? null : readVerdict(byJob(directory, job), memory, "trusted");
  return verdict?.job === job ? verdict : null;
}

/** Which of the run's artifacts are not as they were stored, in words; empty when all are. */
export function artifactsWrong({ stateDir }: Place, verdict: Verdict): string[] {
  return differencesIn(artifactsOf(stateDir, verdict), verdict.digests);
}

/** What in a directory does not match its digests, in words: `report.xml was changed`. */
export function differencesIn(directory: string, digests: TreeDigests): string[] {
  try {
    return digestDifferences(treeDigests(directory), digests).map(
      ({ path, what }) => `${displayPath(path)} ${what}`,
    );
  } catch (error) {
    if (!(error instanceof PikaciError)) throw error;
    return [error.message];
  }
}

/** The directory of a verdict's artifacts. */
export function artifactsOf(stateDir: string, { run_id, job }: Pick<Verdict, "run_id" | "job">): string {
  return jobFile.artifacts(runFile.job(runDirectory(stateDir, run_id), job));
}

/** A job's result in a run and its inputs; `digests` are those of its artifacts. */
interface Said {
  readonly runId: RunId;
  readonly record: JobRecord;
  readonly parts: KeyParts;
  readonly digests: TreeDigests;
}

/** Remembers a job's verdict if it is a pass or a failure. InfraError("client"). */
export function putVerdict(
  { memory, env }: Pick<Context, "memory" | "env">,
  store: VerdictStore,
  { runId, record, parts, digests }: Said,
): void {
  const { result, job, artifacts } = record;
  const directory = directoryOf(memory, store);
  if (directory === null || result === null || result.exit_code === null) return;
  if (result.status !== "passed" && result.status !== "failed") return;
  const document: Verdict = {
    schema_version: SCHEMA_VERSION,
    run_id: runId,
    job,
    status: result.status,
    exit_code: result.exit_code,
    parts,
    artifacts,
    digests,
    ...(result.artifacts_digest === undefined ? {} : { artifacts_digest: result.artifacts_digest }),
  };
  const sealed = { ...document, mac: seal(memory, WORD, sealedFields(document, store)) };
  makeDirectory(join(directory, "newest"));
  writeJson(byKey(directory, verdictKey(parts)), sealed, { durable: isDurable({ env }) });
  writeJson(byJob(directory, job), sealed);
}

/** Forgets a verdict, also where it is stored as the newest of its job. InfraError("client"). */
export function forgetVerdict({ memory }: Place, store: VerdictStore, verdict: Verdict): void {
  const directory = directoryOf(memory, store);
  if (directory === null) return;
  const key = verdictKey(verdict.parts);
  const newest = readVerdict(byJob(directory, verdict.job), memory, store);
  if (newest !== null && verdictKey(newest.parts) === key) removeFile(byJob(directory, verdict.job));
  removeFile(byKey(directory, key));
}

const WORD = "pikaci-verdict-mac/1";

/** Every field of a verdict. */
function sealedFields(document: Verdict, store: VerdictStore): string[] {
  const { run_id, job, status, exit_code, parts, artifacts, digests, artifacts_digest } = document;
  return [
    ...[store, run_id, job, status, String(exit_code), sorted(parts)],
    ...[JSON.stringify(artifacts.map(({ path, type, size }) => [path, type, size])), sorted(digests)],
    ...(artifacts_digest === undefined ? [] : [artifacts_digest]),
  ];
}

function sorted(record: KeyParts | TreeDigests): string {
  return JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Forgets the oldest verdicts beyond the limit. */
export function pruneVerdicts({ memory }: Place, store: VerdictStore, limit = VERDICT_LIMIT): void {
  const directory = directoryOf(memory, store);
  if (directory === null) return;
  const files = listDirectory(directory)
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(directory, name));
  if (files.length <= limit) return;
  const age = new Map(files.map((file) => [file, changedAt(file)?.getTime() ?? 0]));
  const oldest = files.sort((a, b) => (age.get(a) ?? 0) - (age.get(b) ?? 0));
  for (const file of oldest.slice(0, files.length - limit)) removeFile(file);
}

/** A verdict that cannot be read, or that this account has not sealed, is none: the job runs again. */
function readVerdict(path: string, memory: Memory, store: VerdictStore): Verdict | null {
  try {
    const { mac, ...verdict } = storedVerdictSchema.parse(readJson(path));
    return isSealed(memory, WORD, sealedFields(verdict, store), mac) ? verdict : null;
  } catch (error) {
    if (error instanceof z.ZodError || isNoDocument(error)) return null;
    throw error;
  }
}
