import type { Context } from "../core/context.ts";
import { storedJobSchema } from "../core/job.ts";
import type { JobRecord } from "../core/run-record.ts";
import { guestEnv } from "../guest/job-documents.ts";
import { explainUnstarted } from "../guest/unstarted.ts";
import { readEnd } from "../system/artifact-files.ts";
import { isNoDocument, readJson } from "../system/client-files.ts";
import { findProgram } from "../system/find-program.ts";
import { jobFile } from "./layout.ts";

/** How much of a log's end is read, in bytes. */
const TAIL = 8192;

/**
 * The record with a hint when the job's command could not start a program; the hint is also a warning. It is found in the
 * job's directory, in its specification and its log.
 */
export function withHint(record: JobRecord, directory: string, context: Context): JobRecord {
  const { result, job } = record;
  if (result?.status !== "failed" || result.exit_code === null) return record;
  const hint = hintFor(result.exit_code, record, directory, context);
  if (hint === null) return record;
  context.emit({ type: "warning", message: `${job} ended with exit code ${result.exit_code}`, hint });
  return { ...record, hint };
}

function hintFor(exitCode: number, record: JobRecord, directory: string, context: Context): string | null {
  const spec = storedJobSchema.safeParse(readJsonOrNull(jobFile.spec(directory)));
  if (!spec.success || record.result === null) return null;
  return explainUnstarted({
    exitCode,
    command: spec.data.command,
    path: guestEnv(record.result.run_id, spec.data).PATH ?? "",
    cwd: spec.data.cwd,
    log: readEnd(jobFile.guestLog(directory), TAIL).toString("utf8"),
    onClient: (name) => findProgram(name, context.env.PATH ?? "")[0] ?? null,
  });
}

/** Null when there is no such file, as for a job of a run that was begun elsewhere, or when it cannot be read. */
function readJsonOrNull(path: string): unknown {
  try {
    return readJson(path);
  } catch (error) {
    if (isNoDocument(error)) return null;
    throw error;
  }
}
