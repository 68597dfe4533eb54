import { existsSync } from "node:fs";
import { join } from "node:path";
import { TrustError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { RunRecord } from "../core/run-record.ts";
import { blake3Hex } from "../system/blake3.ts";
import { readBytes } from "../system/client-files.ts";
import { jobFile, runFile } from "./layout.ts";
import type { FileDigests } from "./sealed-record.ts";
import { type OpenedRun, openRun, type RecordPlace } from "./stored-runs.ts";

/**
 * The run that `wanted` means, for commands that act on it: its record and the files that describe its jobs are unchanged since
 * this account wrote them for this workspace. UsageError, InfraError; TrustError for any other run.
 */
export function openOwnRun(place: RecordPlace, wanted: string): OpenedRun {
  const run = openRun(place, wanted);
  if (run.digests === null) throw foreign(run.record.run_id);
  const changed = decidingFiles(run).find((path) => !isUnchanged(run.directory, path, run.digests ?? {}));
  if (changed === undefined) return run;
  throw new TrustError(
    `${join(run.directory, changed)} is not what was recorded of run ${run.record.run_id}`,
    {
      hint: "somebody has changed it: `pikaci run` runs the jobs as they are now",
    },
  );
}

function foreign(run: RunId): TrustError {
  return new TrustError(`run ${run} was not recorded by this account in this workspace`, {
    hint: "it may have come with the tree, or from an older pikaci: pikaci shows it, but does not act on it; `pikaci run` makes one",
  });
}

/** The files that `rerun`, `shell` and `attach` use besides the record. */
function decidingFiles({ record, directory }: { record: RunRecord; directory: string }): string[] {
  const names = record.jobs.flatMap(({ job }) =>
    [jobFile.spec, jobFile.key].map((file) => file(runFile.job(directory, job))),
  );
  return [runFile.plan(directory), ...names].map((path) => path.slice(directory.length + 1));
}

/** Whether a file matches its digest; a file without a digest must not exist. */
function isUnchanged(directory: string, path: string, digests: FileDigests): boolean {
  const file = join(directory, path);
  const digest = digests[path];
  if (digest === undefined) return !existsSync(file);
  const bytes = readBytes(file);
  return bytes !== null && blake3Hex(bytes) === digest;
}
