import * as z from "zod";
import { firstIssue } from "../core/document.ts";
import { InfraError } from "../core/errors.ts";
import type { JobName } from "../core/ids.ts";
import { type JobSpec, storedJobSchema } from "../core/job.ts";
import { isNoDocument, readJson } from "../system/client-files.ts";
import { jobFile, runFile } from "./layout.ts";

/** A job as a run had it, from the `job.json` of its record. InfraError("client") when it is missing or belongs to another job. */
export function storedJob(directory: string, job: JobName): JobSpec {
  const path = jobFile.spec(runFile.job(directory, job));
  const spec = readSpec(path);
  if (!(spec instanceof Error) && spec.name === job) return spec;
  const why = spec instanceof Error ? spec.message : `it is of the job ${spec.name}`;
  throw new InfraError("client", `what job ${job} was cannot be read from ${path}: ${why}`, {
    hint: "`pikaci run` runs the jobs as they are now",
  });
}

/** A job as a run had it, to be shown; null when its `job.json` is absent, as of a job that was skipped, or broken. */
export function findStoredJob(directory: string, job: JobName): JobSpec | null {
  const spec = readSpec(jobFile.spec(runFile.job(directory, job)));
  return spec instanceof Error ? null : spec;
}

/** The directory in the guest that a run's job runs in. */
export function storedCwd(directory: string, job: JobName): string {
  return findStoredJob(directory, job)?.cwd ?? "/workspace";
}

function readSpec(path: string): JobSpec | Error {
  try {
    const { schema_version: _, ...job } = storedJobSchema.parse(readJson(path));
    return job;
  } catch (error) {
    if (error instanceof z.ZodError) return new Error(firstIssue(error, "job.json"));
    if (error instanceof Error && isNoDocument(error)) return error;
    throw error;
  }
}
