import type { Context } from "../core/context.ts";
import { abortError, InfraError, PikaciError } from "../core/errors.ts";
import type { PikaciEvent } from "../core/events.ts";
import type { ContentHash, HostUrl, RunId } from "../core/ids.ts";
import { UNFETCHED_MS } from "../core/project.ts";
import { isDurable } from "../system/durable.ts";
import type { Channel, Connection, Frame } from "./connection.ts";
import { copyAheadFrom } from "./copy-ahead.ts";
import { ending } from "./ending.ts";
import { type HostFacts, parseFacts, parseSnapshot } from "./facts.ts";
import { startProgram } from "./program.ts";
import type { FrameType, ProgramChannel, ProgramParams } from "./program-types.ts";
import { maskProblems, missingOnHost, requirementsError } from "./requirements.ts";
import { Silence } from "./silence.ts";

/**
 * Fifty logins at once keep a host with two cores busy for most of a minute. Only waiting tells such a host from one whose
 * start-up file hangs; the user gets a message after a quarter of the time.
 */
const SILENT_MS = 120_000;

/** What the one probe of a run asks. */
export interface Questions {
  readonly runId: RunId;
  readonly projectId: string;
  /** After this long, results of the project's runs that nobody fetched are removed from the host; default a day. */
  readonly unfetchedMs?: number;
  /** Null: no snapshot is asked for; `later`: `askSnapshot` does that, once. */
  readonly contentHash: ContentHash | "later" | null;
  /** Content hashes of runner flakes. */
  readonly runners: readonly ContentHash[];
  /** What jobs' shapes need, as `needOf` names it: nearly always the backend. Required. */
  readonly backends: readonly string[];
  /** Looks at another client's run, and neither keeps nor ends it. */
  readonly observer?: boolean;
  /** Networks that jobs of these backends use. */
  readonly networks?: readonly string[];
  /** Jobs have secrets, which the host masks in their logs. */
  readonly secrets?: boolean;
  /** What shapes that may be used need: examined, but not required. */
  readonly alternatives?: readonly string[];
  /** Marks the work dir of an older pikaci, which has no marker. */
  readonly adopt?: boolean;
  /** Looks at everything anew, whatever the host remembers of what works there. */
  readonly anew?: boolean;
}

/** A host that has answered and has what is needed. It lives until the connection is closed. */
export interface HostSession {
  readonly connection: Connection;
  readonly facts: HostFacts;
  /** Why the session ended, when it does; also once the connection is closed. */
  readonly ended: Promise<PikaciError>;
}

/** A session that still has to be told which snapshot its run is about. */
export interface EarlySession {
  /** What the host said, but for the snapshot. */
  readonly facts: HostFacts;
  /** The session with what the host knows of this snapshot, which it keeps for this run from then on. Throws as `openSession`. */
  askSnapshot(hash: ContentHash): Promise<HostSession>;
  /** As `askSnapshot`, and in the same round trip what the host keeps under keys of verdicts; not checked. */
  askVerdicts(
    hash: ContentHash,
    keys: readonly string[],
  ): Promise<{ readonly session: HostSession; readonly told: Buffer }>;
}

/** Asks a host everything but for the snapshot, which is not known yet. */
export async function openEarlySession(
  connection: Connection,
  questions: Omit<Questions, "contentHash">,
  context: Context,
): Promise<EarlySession> {
  const opened = await open(connection, { ...questions, contentHash: "later" }, context, SILENT_MS);
  const { channel } = opened;
  const read = async (type: "snapshot" | "verdicts") =>
    (await answer(channel, type, connection, context, SILENT_MS)).body;
  const askVerdicts: EarlySession["askVerdicts"] = async (hash, keys) => {
    await channel.write(`${["snapshot", hash, ...keys].join(" ")}\n`);
    const snapshot = parseSnapshot((await read("snapshot")).toString("utf8"), hash);
    const told = keys.length === 0 ? Buffer.alloc(0) : await read("verdicts");
    return { session: watched({ ...opened, facts: { ...opened.facts, snapshot } }), told };
  };
  return {
    facts: opened.facts,
    askVerdicts,
    askSnapshot: async (hash) => (await askVerdicts(hash, [])).session,
  };
}

/**
 * Asks a host everything at once; the first thing to do on a connection. Throws InfraError or TrustError when it
 * cannot be reached, lacks something (all named at once) or sends nothing for `silentMs`; a busy host sends a sign of life now
 * and then.
 */
export async function openSession(
  connection: Connection,
  questions: Questions,
  context: Context,
  silentMs = SILENT_MS,
): Promise<HostSession> {
  return watched(await open(connection, questions, context, silentMs));
}

interface Opened {
  readonly channel: ProgramChannel<"session">;
  readonly connection: Connection;
  readonly facts: HostFacts;
}

function watched({ channel, connection, facts }: Opened): HostSession {
  return { connection, facts, ended: reasonOfEnd(channel, connection) };
}

async function open(
  connection: Connection,
  questions: Questions,
  context: Context,
  silentMs: number,
): Promise<Opened> {
  const params = {
    ...sessionParams(connection, questions),
    alive_s: Math.ceil(silentMs / 12_000),
    ahead_files: copyAheadFrom(context),
    ahead_durable: isDurable(context),
  };
  const channel = await startProgram(connection, { program: "session", params });
  const frame = await answer(channel, "probe", connection, context, silentMs);
  const { contentHash } = questions;
  const facts = parseFacts(frame.body, contentHash === "later" ? null : contentHash);
  const missing = requirementsError(connection.host.url, [
    ...missingOnHost(facts, questions.backends, questions.networks),
    ...(questions.secrets === true ? maskProblems(facts) : []),
  ]);
  if (missing !== null) throw missing;
  const version = facts.nix.state === "works" ? facts.nix.version : "";
  context.emit({ type: "connected", host: connection.host.url, workDir: facts.workDir, nixVersion: version });
  if (facts.adopted) context.emit(adopted(connection.host.url, facts.workDir));
  for (const path of facts.unremovable) context.emit(unremovable(connection.host.url, path));
  for (const { run, what } of facts.reaped)
    context.emit({
      type: "warning",
      message: `run ${run} had crashed on ${connection.host.url}; ended there what it left: ${what}`,
      hint: null,
    });
  return { channel, connection, facts };
}

function adopted(url: HostUrl, workDir: string): PikaciEvent {
  return {
    type: "warning",
    message: `the work dir ${workDir} on ${url} was made by an older pikaci: it is marked as pikaci's now`,
    hint: null,
  };
}

function unremovable(url: HostUrl, path: string): PikaciEvent {
  return {
    type: "warning",
    message: `what an older run left on ${url} cannot be removed: ${path}`,
    hint: `look at it there: \`lsattr -d\`, \`ls -ld\` and \`findmnt -T\` tell whose it is and what keeps it`,
  };
}

async function reasonOfEnd(channel: Channel, connection: Connection): Promise<PikaciError> {
  const lastWords = readToEnd(channel);
  lastWords.catch(() => {});
  await channel.outputEnded;
  const end = await ending(lastWords, () => connection.isThere());
  if (end instanceof PikaciError) return end;
  return new InfraError("host", `the session on ${connection.host.url} ended while the run went on`, {
    hint: "run the command again; if it ends again, look there for what ends processes: memory, limits of the login",
  });
}

async function readToEnd(channel: Channel): Promise<void> {
  for await (const _ of channel.frames());
}

function sessionParams(
  { host }: Connection,
  questions: Questions,
): Omit<ProgramParams["session"], "alive_s" | "ahead_files" | "ahead_durable"> {
  return {
    run_id: questions.runId,
    project: JSON.stringify(questions.projectId),
    content_hash: questions.contentHash === "later" ? null : questions.contentHash,
    later: questions.contentHash === "later",
    runners: questions.runners,
    backends: [...questions.backends, ...(questions.alternatives ?? [])],
    lease_ms: host.leaseMs,
    work_dir: host.workDir,
    host_name: host.name,
    adopt: questions.adopt === true,
    anew: questions.anew === true,
    observer: questions.observer === true,
    unfetched_s: Math.ceil((questions.unfetchedMs ?? UNFETCHED_MS) / 1000),
  };
}

/** The frame that answers; the channel is ended when nothing comes for too long or the user stops. */
async function answer(
  channel: Channel,
  type: FrameType<"session">,
  { host }: Connection,
  context: Context,
  silentMs: number,
): Promise<Frame> {
  const hint = `check that \`ssh ${host.url} true\` returns; a start-up file of the login shell there may wait for something`;
  const silence = new Silence(silentMs, (seconds) => {
    const message = `${host.url} accepted the connection and has not answered for ${seconds} s: waiting`;
    context.emit({ type: "warning", message, hint });
  });
  const late = silence.over.then((seconds) => {
    const message = `${host.url} accepted the connection but did not answer within ${seconds} s`;
    throw new InfraError("network", message, { hint });
  });
  const over = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const stop = () => reject(abortError(context.signal));
    context.signal.addEventListener("abort", stop, { once: true, signal: over.signal });
  });
  try {
    if (context.signal.aborted) throw abortError(context.signal);
    return await Promise.race([frameOf(type, channel, silence), late, aborted]);
  } catch (error) {
    channel.kill();
    throw error;
  } finally {
    silence.end();
    over.abort();
  }
}

async function frameOf(type: FrameType<"session">, channel: Channel, silence: Silence): Promise<Frame> {
  for await (const frame of channel.frames()) {
    if (frame.type === type) return frame;
    silence.heard();
  }
  throw new InfraError("host", "the host ended the session without an answer", {
    hint: "run the command again; the host may be shutting down",
  });
}
