import { z } from "zod";
import type { Context } from "../context.ts";
import { abortError, InfraError } from "../errors.ts";
import type { JobName, RunId, StorePath } from "../ids.ts";
import type { Channel, Frame } from "../io/connection.ts";
import type { HostSession } from "../io/session.ts";
import { type JobDocuments, jobDocuments } from "../job-documents.ts";
import type { JobResult, JobSpec, Prepared, Published, Runner } from "../model.ts";
import { storePathsOf } from "./prepare.ts";

export interface Launch {
  readonly runId: RunId;
  readonly job: JobSpec;
  readonly published: Published;
  readonly prepared: Prepared;
  readonly runner: Runner;
  readonly artifactBytes: number;
}

/** How `/workspace` was made, from the runner's control channel. */
export type WorkspaceView = "read-only" | "overlay" | "copy";

/** A job that has ended: its verdict, and the channel that still holds its artifacts. */
export interface Execution {
  readonly launch: Launch;
  readonly result: JobResult;
  readonly workspace: WorkspaceView | null;
  readonly channel: Channel;
  /** Frames that follow the result: `artifacts`…, `end`. */
  readonly rest: AsyncIterator<Frame>;
}

const bootMs = 120_000;
const graceMs = 5_000;

/** Runs one job under the guard and follows it to its verdict; a job that fails is data. */
export async function execute(launch: Launch, session: HostSession, context: Context): Promise<Execution> {
  const { job } = launch;
  context.emit({ type: "job-phase", job: job.name, phase: "launching" });
  const prepared = storePathsOf(launch.prepared, job);
  const channel = await session.connection.open("guard", guardParams(launch, session, prepared), {
    heartbeat: true,
    onStderr: (line) => context.emit({ type: "host-log", job: job.name, line }),
  });
  const stopListening = onAbort(context.signal, () => cancel(channel, job.name, context));
  try {
    await sendDocuments(channel, jobDocuments(launch.runId, job, prepared));
    return await follow(launch, channel, context);
  } catch (error) {
    channel.kill();
    throw context.signal.aborted ? abortError(context.signal) : error;
  } finally {
    stopListening();
  }
}

function guardParams(
  { runId, job, published, runner, artifactBytes }: Launch,
  session: HostSession,
  prepared: Readonly<Record<string, StorePath>>,
): Record<string, string> {
  return {
    work_dir: session.facts.workDir,
    run_id: runId,
    job: job.name,
    content_hash: published.hashed.contentHash,
    runner: runner.storePath,
    prepared: Object.entries(prepared)
      .map(([name, path]) => `${name}=${path}\n`)
      .join(""),
    lease_ms: String(session.connection.host.leaseMs),
    boot_ms: String(bootMs),
    timeout_ms: String(job.timeoutMs),
    grace_ms: String(graceMs),
    artifact_bytes: String(artifactBytes),
  };
}

async function sendDocuments(channel: Channel, documents: JobDocuments): Promise<void> {
  for (const text of [documents.job, documents.launch, documents.command]) {
    const body = Buffer.from(text);
    await channel.write(Buffer.concat([Buffer.from(`${body.length}\n`), body]));
  }
}

async function follow(launch: Launch, channel: Channel, context: Context): Promise<Execution> {
  const rest = channel.frames()[Symbol.asyncIterator]();
  let workspace: WorkspaceView | null = null;
  for (;;) {
    const next = await rest.next();
    if (next.done) throw lost(launch.job.name, channel);
    const { type, body } = next.value;
    if (type === "log") context.emit({ type: "job-log", job: launch.job.name, data: body });
    if (type === "phase") workspace = onPhase(body.toString("utf8"), launch.job.name, context) ?? workspace;
    if (type === "result") return { launch, result: parseResult(body), workspace, channel, rest };
  }
}

/** A line of the runner's control channel, as an event; a `workspace HOW` line is returned. */
function onPhase(line: string, job: JobName, context: Context): WorkspaceView | null {
  const [word = "", how = ""] = line.split(" ");
  if (word === "boot") context.emit({ type: "job-phase", job, phase: "booting" });
  if (word === "start") context.emit({ type: "job-phase", job, phase: "running" });
  if (word === "exit") context.emit({ type: "job-phase", job, phase: "ending" });
  return word === "workspace" && (how === "read-only" || how === "overlay" || how === "copy") ? how : null;
}

const resultSchema = z.object({
  schema_version: z.literal(1),
  run_id: z.string(),
  job: z.string(),
  status: z.enum(["passed", "failed", "timeout", "cancelled", "infra"]),
  exit_code: z.number().int().nullable(),
  signal: z.string().nullable(),
  timed_out: z.boolean(),
  started_at: z.string().nullable(),
  finished_at: z.string(),
  duration_ms: z.number().int().nullable(),
  message: z.string(),
});

/** Checks the guard's result; anything else is an infrastructure failure, never a pass. */
export function parseResult(body: Buffer): JobResult {
  try {
    return resultSchema.parse(JSON.parse(body.toString("utf8"))) as JobResult;
  } catch (cause) {
    throw new InfraError("host", "the guard's result cannot be read", { cause });
  }
}

function lost(job: JobName, channel: Channel): InfraError {
  return new InfraError(
    "host",
    `job ${job} ended without a result: ${channel.stderr().trim() || "no message"}`,
    {
      hint: "`pikaci logs --kind host` shows what the host said",
    },
  );
}

/** Asks the guard to end the guest; its result is the proof that nothing is left. */
function cancel(channel: Channel, job: JobName, context: Context): void {
  context.emit({ type: "job-phase", job, phase: "ending" });
  channel.write("cancel\n").catch(() => channel.kill());
}

function onAbort(signal: AbortSignal, action: () => void): () => void {
  if (signal.aborted) action();
  signal.addEventListener("abort", action, { once: true });
  return () => signal.removeEventListener("abort", action);
}
