import { createHash } from "node:crypto";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type * as z from "zod";
import { TrustError } from "../../core/errors.ts";
import { storedJobSchema } from "../../core/job.ts";
import { planSchema } from "../../core/plan.ts";
import type { JobRecord, RunRecord } from "../../core/run-record.ts";
import { blake3Hex, createHasher } from "../../system/blake3.ts";
import { readBytes } from "../../system/client-files.ts";
import { codeOf } from "../../system/error-code.ts";
import { version } from "../../system/version.ts";
import type { FileDigests } from "../sealed-record.ts";
import type { OpenedRun } from "../stored-runs.ts";
import { type AttestedRun, configurationDigest } from "./statement.ts";

/**
 * Reads what a statement says of a run; each file must be what the sealed record says. TrustError for a run that this account
 * did not record, that has not ended, or is untrusted, and for a file that was changed.
 */
export function attestedRun({ record, directory, digests }: OpenedRun): AttestedRun {
  const { run_id, snapshot } = record;
  if (digests === null) throw refused(run_id, "was not recorded by this account in this workspace", FOREIGN);
  const finished_at = endOf(record);
  if (snapshot === null)
    throw refused(run_id, "ended before its snapshot was taken", "`pikaci status` says why");
  const sealed = { run_id, directory, digests };
  const plan = parsed(planSchema, readSealed(sealed, "plan.json"), "plan.json");
  const specs = record.jobs.filter(wasStarted).map(({ job }) => readJob(sealed, job));
  const stranger = specs.some(({ author }) => author === "stranger");
  if (stranger)
    throw refused(run_id, "is of an untrusted tree", "only runs of trees that are trusted are attested");
  const jobs = Object.fromEntries(specs.map(({ name, digest }) => [name, digest]));
  const paths = Object.keys(digests).filter((path) => isFile(path, digests[path] ?? ""));
  const sha256 = Object.fromEntries(paths.sort().map((path) => [path, sha256OfSealed(sealed, path)]));
  return { record: { ...record, finished_at }, snapshot, plan, jobs, digests, sha256, version: version() };
}

/** When a run ended. TrustError for one that has not. */
export function endOf({
  run_id,
  state,
  exit_code,
  finished_at,
}: Pick<RunRecord, "run_id" | "state" | "exit_code" | "finished_at">): string {
  if (state === "detached")
    throw refused(run_id, "goes on without a client", "`pikaci attach` fetches its results");
  if (state === "finished" && exit_code !== null && finished_at !== null) return finished_at;
  throw refused(run_id, "has not ended, or its client was killed", "`pikaci run` makes one that is whole");
}

const FOREIGN = "it may have come with the tree, or was changed; `pikaci verify` says more";

interface SealedFiles {
  readonly run_id: string;
  readonly directory: string;
  readonly digests: FileDigests;
}

function wasStarted({ result }: JobRecord): boolean {
  return result?.status !== "skipped";
}

function readJob(run: SealedFiles, name: string) {
  const path = `jobs/${name}/job.json`;
  const document = readSealed(run, path);
  const { author } = parsed(storedJobSchema, document, path);
  return { name, author, digest: configurationDigest(Object(document)) };
}

function parsed<T extends z.ZodType>(schema: T, document: unknown, path: string): z.output<T> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  throw new TrustError(`${path} is of another version of pikaci`, {
    hint: "`pikaci run` makes a run of this one",
  });
}

/** A document, parsed from the very bytes that were compared with its digest. */
function readSealed(run: SealedFiles, path: string): unknown {
  const bytes = readBytes(join(run.directory, path));
  if (bytes === null || blake3Hex(bytes) !== run.digests[path]) throw changed(run, path);
  return JSON.parse(bytes.toString("utf8"));
}

/** Whether a digest is that of a file among a job's artifacts. */
function isFile(path: string, digest: string): boolean {
  return /^jobs\/[^/]+\/artifacts\/./s.test(path) && /^(file|executable) /.test(digest);
}

/** SHA-256 of an artifact, from the very bytes that were compared with its digest. */
function sha256OfSealed(run: SealedFiles, path: string): string {
  const file = Buffer.concat([Buffer.from(`${run.directory}/`), Buffer.from(path, "latin1")]);
  const found = attempt(() => bothDigests(file));
  if (found instanceof Error || found.blake3 !== run.digests[path]?.split(" ").at(-1))
    throw changed(run, path);
  return found.sha256;
}

function attempt<T>(read: () => T): T | Error {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && codeOf(error) !== null) return error;
    throw error;
  }
}

function bothDigests(file: Buffer): { readonly blake3: string; readonly sha256: string } {
  const [blake3, sha256] = [createHasher(), createHash("sha256")];
  const buffer = Buffer.allocUnsafe(1 << 20);
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    for (let size = readSync(fd, buffer); size > 0; size = readSync(fd, buffer)) {
      blake3.update(buffer.subarray(0, size));
      sha256.update(buffer.subarray(0, size));
    }
    return { blake3: blake3.digest("hex"), sha256: sha256.digest("hex") };
  } finally {
    closeSync(fd);
  }
}

function changed({ run_id }: Pick<SealedFiles, "run_id">, path: string): TrustError {
  return refused(
    run_id,
    `is not as it was recorded: ${path} was changed`,
    "`pikaci verify` names all that was",
  );
}

function refused(run: string, why: string, hint: string): TrustError {
  return new TrustError(`run ${run} is not attested: it ${why}`, { hint });
}
