import { readdirSync } from "node:fs";
import type { JobName } from "../core/ids.ts";
import { orNull, parseName } from "../core/ids.ts";
import { codeOf } from "../system/error-code.ts";
import { jobFile } from "./layout.ts";

const SUFFIX = ".log";

/** The services of a job that have a log, in the order of their names; `directory` is the job's in its run. */
export function loggedServices(directory: string): JobName[] {
  return filesIn(jobFile.serviceLogs(directory))
    .filter((name) => name.endsWith(SUFFIX))
    .flatMap((name) => orNull(parseName, name.slice(0, -SUFFIX.length)) ?? [])
    .sort();
}

/** The paths of those logs. */
export function serviceLogs(directory: string): string[] {
  return loggedServices(directory).map((service) => jobFile.serviceLog(directory, service));
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}
