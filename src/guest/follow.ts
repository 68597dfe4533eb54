import type { Context } from "../core/context.ts";
import { abortError, InfraError, ProgramKilled } from "../core/errors.ts";
import type { PikaciEvent } from "../core/events.ts";
import type { JobName, RunId } from "../core/ids.ts";
import type { JobResult } from "../core/job-result.ts";
import type { JobRecord } from "../core/run-record.ts";
import type { Channel, Frame } from "../remote/connection.ts";
import { type HostLink, isLost } from "../remote/host-link.ts";
import { startProgram } from "../remote/program.ts";
import type { FrameType, ProgramChannel } from "../remote/program-types.ts";
import type { HostSession } from "../remote/session.ts";
import { AttemptOrder, parseAttemptLine } from "./attempts.ts";
import { parseResult } from "./guard-result.ts";
import { parseCacheLine } from "./job-caches.ts";

/** How `/workspace` was made, from the runner's control channel. */
type WorkspaceView = NonNullable<JobRecord["workspace"]>;

/** The job to follow, and how far this client has got: a new connection continues from there. */
interface Followed {
  /** The job's part of the record, as far as it is known. */
  readonly base: JobRecord;
  readonly runId: RunId;
  readonly job: JobName;
  readonly artifactBytes: number;
  /** This client owns the job: without it, the job is ended. */
  readonly own: boolean;
  /** This client fetches the artifacts. */
  readonly collect: boolean;
  /** Bytes of the log that this client has. */
  offset: number;
  phases: number;
  workspace: WorkspaceView | null;
  /** Of this client's events; made with the first frame. */
  order?: AttemptOrder;
  /** Limits that the host could not enforce. */
  unenforced?: readonly string[];
}

/** What the guard, or `attach` after the connection broke, reports about a job. */
type JobChannel = ProgramChannel<"guard" | "attach">;
export type JobFrame = Frame<FrameType<"guard" | "attach">>;

/** A job that has ended: its verdict, and the channel that still holds its artifacts. */
export interface Execution {
  /** The job's part of the record, as far as it was known at launch. */
  readonly base: JobRecord;
  readonly result: JobResult;
  readonly workspace: WorkspaceView | null;
  readonly unenforced: readonly string[];
  readonly channel: JobChannel;
  /** Frames that follow the result: `artifacts`…, `end`. */
  readonly rest: AsyncIterator<JobFrame>;
  /** The most bytes of its artifacts that are fetched, as a tar archive. */
  readonly artifactBytes: number;
  /** Why the result is not a verdict about the job; nearly always null. */
  readonly fault: InfraError | null;
  /** Follows the job over a new connection, when this one broke with `cause`. */
  readonly again: (cause: InfraError) => Promise<Execution>;
}

/**
 * Follows a job, first on `first`, then on new connections when one breaks, and continues where it was. When the guard was
 * killed, fetches what it left. Throws the host's error, the cancellation, or the lost connection when the host can't be
 * reached again within the lease.
 */
export async function follow(
  followed: Followed,
  link: HostLink,
  context: Context,
  first: (() => Promise<JobChannel>) | null,
): Promise<Execution> {
  let open = first;
  let killed: ProgramKilled | null = null;
  for (;;) {
    const { session } = link;
    try {
      const channel = await (open?.() ?? attach(followed, session, context));
      const end = await toResult(followed, channel, context);
      const again = async (cause: InfraError) => {
        await link.reconnect(session, cause);
        return follow(followed, link, context, null);
      };
      const { base, workspace, unenforced = [], artifactBytes } = followed;
      if (end !== null)
        return { base, ...end, workspace, unenforced, channel, artifactBytes, fault: killed, again };
      if (open === null) throw lost(followed.job, channel);
      // The guard has its reasons in what it left.
      open = null;
    } catch (error) {
      if (context.signal.aborted) throw abortError(context.signal);
      if (open !== null && error instanceof ProgramKilled) killed = error;
      else if (isLost(error)) await link.reconnect(session, error);
      else throw killed ?? error;
      open = null;
    }
  }
}

async function attach(followed: Followed, session: HostSession, context: Context): Promise<JobChannel> {
  const { runId, job, artifactBytes, own, collect, offset, phases } = followed;
  const params = {
    work_dir: session.facts.workDir,
    run_id: runId,
    job,
    offset,
    phases,
    own,
    collect,
    lease_ms: session.connection.host.leaseMs,
    artifact_bytes: artifactBytes,
  };
  return startProgram(session.connection, {
    program: "attach",
    params,
    onStderr: (line) => context.emit({ type: "host-log", job, line }),
  });
}

/** Reads frames up to the result; null when there is none. Meanwhile, a cancellation is passed on to the host. */
async function toResult(
  followed: Followed,
  channel: JobChannel,
  context: Context,
): Promise<{ readonly result: JobResult; readonly rest: AsyncIterator<JobFrame> } | null> {
  const stopListening = onAbort(context.signal, () => {
    if (followed.own) cancel(channel, followed.job, context);
    else channel.kill();
  });
  try {
    const rest = channel.frames()[Symbol.asyncIterator]();
    for (;;) {
      const next = await rest.next();
      if (next.done) {
        if (context.signal.aborted) throw abortError(context.signal);
        return null;
      }
      if (next.value.type === "result") {
        for (const event of orderOf(followed).end()) context.emit(event);
        return { result: parseResult(next.value.body, followed), rest };
      }
      take(next.value, followed, context);
    }
  } catch (error) {
    channel.kill();
    throw error;
  } finally {
    stopListening();
  }
}

function orderOf(followed: Followed): AttemptOrder {
  followed.order ??= new AttemptOrder(followed.offset);
  return followed.order;
}

function take({ type, body }: JobFrame, followed: Followed, given: Context): void {
  const order = orderOf(followed);
  const emitAll = (events: readonly PikaciEvent[]) => {
    for (const event of events) given.emit(event);
  };
  if (type === "log") {
    followed.offset += body.length;
    emitAll(order.log(followed.job, body));
  }
  if (type === "phase") {
    const context: Context = { ...given, emit: (event) => emitAll(order.note(event)) };
    followed.phases += 1;
    const line = body.toString("utf8");
    const begins = parseAttemptLine(line, followed.job);
    if (begins !== null) emitAll(order.begin(begins));
    followed.workspace = onPhase(line, followed.job, context) ?? followed.workspace;
    if (line.startsWith("unenforced ")) noteUnenforced(line.split(" ").slice(1), followed, context);
  }
}

function noteUnenforced(limits: readonly string[], followed: Followed, { emit }: Context): void {
  followed.unenforced = limits;
  const message = `the host cannot enforce these limits of ${followed.job}: ${limits.join(", ")}`;
  emit({
    type: "warning",
    message,
    hint: 'give its account a delegated cgroup (systemd: `Delegate=memory pids`), or use `runner: "minivm"`',
  });
}

/** A line of the runner's control channel, as an event; a `workspace HOW` line is returned. */
function onPhase(line: string, job: JobName, context: Context): WorkspaceView | null {
  const [word = "", how = ""] = line.split(" ");
  if (word === "boot") context.emit({ type: "job-phase", job, phase: "booting" });
  if (word === "start") context.emit({ type: "job-phase", job, phase: "running" });
  if (word === "exit") context.emit({ type: "job-phase", job, phase: "ending" });
  const cached = parseCacheLine(line);
  if (cached !== null) context.emit({ type: "job-cache", job, cache: cached.cache, ...cached.use });
  return word === "workspace" && (how === "read-only" || how === "overlay" || how === "copy") ? how : null;
}

function lost(job: JobName, channel: Channel): InfraError {
  return new InfraError(
    "host",
    `job ${job} ended without a result: ${channel.stderr().trim() || "no message"}`,
    { hint: "`pikaci logs --kind host` shows what the host said" },
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
