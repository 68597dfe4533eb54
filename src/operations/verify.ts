import type { Context } from "../core/context.ts";
import { MismatchError, PikaciError } from "../core/errors.ts";
import type { JobName, RunId } from "../core/ids.ts";
import type { JobRecord } from "../core/run-record.ts";
import type { StoredKey } from "../core/verdict.ts";
import { rememberedSnapshot } from "../publish/earlier-snapshot.ts";
import { findRun } from "../runs/find.ts";
import { filesPart } from "../runs/key.ts";
import { jobFile, runFile } from "../runs/layout.ts";
import type { FileDigests } from "../runs/sealed-record.ts";
import { findStoredJob } from "../runs/specs.ts";
import { readKey } from "../runs/stored-key.ts";
import { type OpenedRun, readRun, runIds } from "../runs/stored-runs.ts";
import { rememberedVerdict } from "../runs/verdicts.ts";
import { type Checked, checkEvents, checkFiles, type Finding } from "../runs/verify-files.ts";
import { knownManifests } from "../tree/manifest/store.ts";
import { digestDifferences, treeDigests } from "../tree/tree-digests.ts";

/** The result of comparing a run's record with its files. */
export interface Verification extends Checked {
  readonly run: RunId;
}

const NOTHING: Checked = { right: 0, wrong: [], unchecked: [] };
const RIGHT: Checked = { ...NOTHING, right: 1 };
const wrong = (what: string, why: string): Checked => ({ ...NOTHING, wrong: [{ what, why }] });
const unchecked = (what: string, why: string): Checked => ({ ...NOTHING, unchecked: [{ what, why }] });

/**
 * Compares the record of a run with its seal, its files with their digests, its jobs' verdicts as they are remembered with
 * their seals and with the record, and the remembered manifest with the content hash. Looks neither at the present tree nor at
 * a host. UsageError when there is no such run.
 */
export function verifyRun(wanted: string, context: Context): Verification {
  const run = readRun(context, findRun(runIds(context.stateDir), wanted));
  if (!("record" in run)) return { run: run.runId, ...wrong("run.json", `is broken: ${run.broken}`) };
  const { runId, directory, digests, record } = run;
  if (digests === null) return { run: runId, ...wrong("run.json", FOREIGN) };
  const keys = readKeys({ record, directory, digests }, digests);
  const parts = [
    RIGHT,
    filesOf({ record, directory, digests }, digests),
    checkEvents(record, digests, directory),
    ...keys.map((key) => verdictOf(key, runId, digests, context)),
    snapshotOf({ record, directory, digests }, keys, context),
  ];
  return { run: runId, ...joined(parts) };
}

const FOREIGN =
  "has no seal of this account for this workspace: it was changed, or it came with the tree, or from an older pikaci";

function filesOf({ record, directory }: OpenedRun, digests: FileDigests): Checked {
  try {
    return checkFiles(record, digests, treeDigests(directory));
  } catch (error) {
    if (!(error instanceof PikaciError)) throw error;
    return wrong("its directory", error.message);
  }
}

interface KeyOfJob {
  readonly job: JobRecord;
  /** A string says why it cannot be read. */
  readonly key: StoredKey | string;
}

/** Of the jobs whose verdicts may be remembered. */
function readKeys({ record, directory }: OpenedRun, digests: FileDigests): KeyOfJob[] {
  return record.jobs.flatMap((job): KeyOfJob[] => {
    const path = jobFile.key(runFile.job(directory, job.job));
    if (!Object.hasOwn(digests, path.slice(directory.length + 1))) return [];
    try {
      return [{ job, key: readKey(path) }];
    } catch (error) {
      if (!(error instanceof PikaciError)) throw error;
      return [{ job, key: error.message }];
    }
  });
}

/** A verdict that a later run has replaced is that run's matter; a run without the cache has none. */
function verdictOf({ job, key }: KeyOfJob, runId: RunId, digests: FileDigests, context: Context): Checked {
  const what = `the verdict of ${job.job}`;
  if (typeof key === "string") return unchecked(what, key);
  if (key.purpose === "contradict") return NOTHING;
  const verdict = rememberedVerdict(context, key.untrusted ? "untrusted" : "trusted", key.parts);
  if (verdict === null) return unchecked(what, "is not remembered");
  if (verdict === "not sealed") return wrong(what, "is not as this account remembered it");
  if (verdict.run_id !== runId) return unchecked(what, `was replaced by that of run ${verdict.run_id}`);
  const { result } = job;
  if (verdict.status !== result?.status || verdict.exit_code !== result.exit_code)
    return wrong(what, `is ${verdict.status} (exit ${verdict.exit_code}), and the record says otherwise`);
  const same = digestDifferences(artifactsIn(digests, job.job), verdict.digests).length === 0;
  return same ? RIGHT : wrong(what, "names other artifacts than the record");
}

function artifactsIn(digests: FileDigests, job: JobName): FileDigests {
  const prefix = `jobs/${job}/artifacts/`;
  const own = Object.entries(digests).filter(([path]) => path.startsWith(prefix));
  return Object.fromEntries(own.map(([path, digest]) => [path.slice(prefix.length), digest]));
}

/** The manifest's own hash, what the record counts in it, and the hash of the files that each job's key names. */
function snapshotOf(
  { record, directory }: OpenedRun,
  keys: readonly KeyOfJob[],
  { memory }: Context,
): Checked {
  const { snapshot } = record;
  if (snapshot === null) return NOTHING;
  const { content_hash: contentHash, source, file_count, byte_count } = snapshot;
  const what = `the snapshot ${contentHash}`;
  const isKnown = knownManifests(memory).includes(contentHash);
  if (!isKnown) return unchecked(what, "its manifest is no longer remembered");
  const hashed = attempt(() => rememberedSnapshot({ contentHash, source }, memory));
  if (hashed === null) return wrong(what, "its remembered manifest has another hash");
  if (hashed.fileCount !== file_count || hashed.byteCount !== byte_count)
    return wrong(what, "the record counts other files or bytes than its manifest has");
  const others = keys.filter(({ job, key }) => {
    if (typeof key === "string") return false;
    const spec = findStoredJob(directory, job.job);
    return spec !== null && filesPart(spec, hashed) !== key.parts.files;
  });
  if (others.length === 0) return RIGHT;
  const names = others.map(({ job }) => job.job).join(", ");
  return wrong(what, `the files that ${names} was said to depend on are not those of its manifest`);
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof MismatchError) return null;
    throw error;
  }
}

function joined(parts: readonly Checked[]): Checked {
  const all = (of: (part: Checked) => readonly Finding[]) => parts.flatMap((part) => [...of(part)]);
  return {
    right: parts.reduce((sum, { right }) => sum + right, 0),
    wrong: all((part) => part.wrong),
    unchecked: all((part) => part.unchecked),
  };
}
