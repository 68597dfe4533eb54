import type { JobName } from "../core/ids.ts";
import { codeOf, readJson } from "../system/client-files.ts";
import { jobFile, runFile } from "./layout.ts";

/** The `job.json` of a run's job; null when it has none, as a job that was skipped, or a broken one. */
export function storedSpec(directory: string, job: JobName): Readonly<Record<string, unknown>> | null {
  try {
    const value = readJson(jobFile.spec(runFile.job(directory, job)));
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** The directory in the guest that a run's job runs in. */
export function storedCwd(directory: string, job: JobName): string {
  const cwd = storedSpec(directory, job)?.["cwd"];
  return typeof cwd === "string" ? cwd : "/workspace";
}
