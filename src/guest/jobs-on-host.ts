import type { Context } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import { type JobName, parseJobName, type RunId } from "../core/ids.ts";
import type { JobResult } from "../core/job-result.ts";
import { ask } from "../remote/program.ts";
import type { HostSession } from "../remote/session.ts";
import { parseResult } from "./guard-result.ts";

/** A job of a run as its host knows it. */
export interface JobOnHost {
  readonly job: JobName;
  /** Its guard, or something of its guest, is there. */
  readonly lives: boolean;
  readonly result: JobResult | null;
}

/** What a host has of a run. InfraError("host") when it has nothing. */
export async function jobsOnHost(
  runId: RunId,
  { connection, facts }: HostSession,
  context: Context,
): Promise<JobOnHost[]> {
  const params = { work_dir: facts.workDir, run_id: runId };
  const frames = await ask(connection, { program: "jobs", params }, context);
  return frames.map(({ body }) => {
    const [name = "", lives = "", ...result] = body.toString("utf8").split("\n");
    return jobOnHost(runId, { name, lives: lives === "yes", result });
  });
}

/**
 * Ends jobs of a run (none named: all of it) and resolves when the host has seen that nothing of them is left, with
 * what is known of each. InfraError("host") when one does not end.
 */
export async function cancelOnHost(
  runId: RunId,
  jobs: readonly JobName[],
  { connection, facts }: HostSession,
  context: Context,
): Promise<JobOnHost[]> {
  const params = {
    work_dir: facts.workDir,
    run_id: runId,
    jobs: jobs.map((job) => `${job}\n`).join(""),
    wait_s: 30,
  };
  const frames = await ask(connection, { program: "cancel", params }, context);
  return frames.map(({ body }) => {
    const [name = "", ...result] = body.toString("utf8").split("\n");
    const ended = jobOnHost(runId, { name, lives: false, result });
    if (jobs.length === 0 || jobs.includes(ended.job)) return ended;
    throw new InfraError("host", `the host ended job ${ended.job}, and was asked for ${jobs.join(", ")}`);
  });
}

interface Said {
  readonly name: string;
  readonly lives: boolean;
  /** The lines of its result; none when it has none. */
  readonly result: readonly string[];
}

function jobOnHost(runId: RunId, { name, lives, result }: Said): JobOnHost {
  const job = parseJobName(name);
  const json = result.join("\n").trim();
  return { job, lives, result: json === "" ? null : parseResult(Buffer.from(json), { runId, job }) };
}
