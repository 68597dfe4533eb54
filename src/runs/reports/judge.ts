import type { JobSpec } from "../../core/job.ts";
import type { Judge } from "../../guest/collect.ts";
import { excused } from "./quarantine.ts";

/** Who judges a job whose artifacts are in its directory: failures of its tests in quarantine do not count. */
export function judgeOf({ quarantine = [] }: Pick<JobSpec, "quarantine">, jobDirectory: string): Judge {
  return ({ result, left }) => excused(quarantine, result, left, jobDirectory);
}
