import { InfraError } from "../core/errors.ts";
import { type JobName, parseJobName, type RunId } from "../core/ids.ts";
import type { JobResult } from "../core/job-result.ts";
import type { HostSession } from "../remote/session.ts";
import { parseResult } from "./follow.ts";

/** A job of a run as its host knows it. */
export interface JobOnHost {
  readonly job: JobName;
  /** Its guard, or something of its guest, is there. */
  readonly lives: boolean;
  readonly result: JobResult | null;
}

/** What a host has of a run. InfraError("host") when it has nothing. */
export async function jobsOnHost(runId: RunId, session: HostSession): Promise<JobOnHost[]> {
  const params = { work_dir: session.facts.workDir, run_id: runId };
  const channel = await session.connection.open("jobs", params);
  const jobs: JobOnHost[] = [];
  for await (const { type, body } of channel.frames()) {
    if (type === "job") jobs.push(parseJob(body.toString("utf8")));
    if (type === "end") {
      channel.kill();
      return jobs;
    }
  }
  throw new InfraError("host", "the host did not say which jobs it has", { hint: "run the command again" });
}

/**
 * Ends jobs of a run (none named: all of it) and resolves when the host has seen that nothing of them is left, with
 * what is known of each. InfraError("host") when one does not end.
 */
export async function cancelOnHost(
  runId: RunId,
  jobs: readonly JobName[],
  session: HostSession,
): Promise<JobOnHost[]> {
  const params = { work_dir: session.facts.workDir, run_id: runId, jobs: jobs.join(" "), wait_s: "30" };
  const channel = await session.connection.open("cancel", params);
  const ended: JobOnHost[] = [];
  for await (const { type, body } of channel.frames()) {
    const [name = "", ...rest] = body.toString("utf8").split("\n");
    if (type === "ended") ended.push(parseJob([name, "no", ...rest].join("\n")));
  }
  return ended;
}

/** Its name, `yes` when it lives, its result or nothing: a line each. */
function parseJob(text: string): JobOnHost {
  const [name = "", lives = "", ...result] = text.split("\n");
  const json = result.join("\n").trim();
  return {
    job: parseJobName(name),
    lives: lives === "yes",
    result: json === "" ? null : parseResult(Buffer.from(json)),
  };
}
