import type { Context } from "../../core/context.ts";
import { abortError, CancelledError, InfraError, type PikaciError, TimeoutError } from "../../core/errors.ts";
import type { PikaciEvent } from "../../core/events.ts";
import type { JobResult } from "../../core/job-result.ts";
import { type Launch, openGuard, unaskedEnd } from "../../guest/execute.ts";
import { type AskedJob, parseResult } from "../../guest/guard-result.ts";
import type { Channel } from "../../remote/connection.ts";
import type { ProgramChannel } from "../../remote/program-types.ts";
import type { HostSession } from "../../remote/session.ts";
import type { Terminal } from "../../system/terminal.ts";
import { TerminalEscape } from "./escape.ts";

/** A line of input has at most this many bytes, before base64. */
const PIECE_BYTES = 3072;
/** A guest that was told to end has 5 s, and its host a moment more. */
const LEAVE_MS = 8_000;

/**
 * Opens a guest and connects a terminal to it until its command ends; returns the command's exit code. InfraError when the
 * guest or the connection fails, CancelledError when the user left.
 */
export async function shell(
  launch: Launch,
  terminal: Terminal,
  session: HostSession,
  context: Context,
): Promise<number> {
  const held: PikaciEvent[] = [];
  const left = new AbortController();
  const signal = AbortSignal.any([context.signal, left.signal]);
  const channel = await openGuard(
    launch,
    session,
    { ...context, emit: (event) => held.push(event) },
    "attached",
  );
  const onAbort = () => leave(channel);
  signal.addEventListener("abort", onAbort, { once: true });
  let close = () => {};
  try {
    const result = await followShell(channel, { runId: launch.runId, job: launch.job.name }, terminal, () => {
      close = terminal.open(listener(channel, terminal, left));
    });
    return exitCodeOf(result, signal, session);
  } catch (error) {
    channel.kill();
    throw signal.aborted ? abortError(signal) : error;
  } finally {
    close();
    signal.removeEventListener("abort", onAbort);
    for (const event of held) if (event.type !== "job-phase") context.emit(event);
  }
}

/** Sends input as lines; `~.` works only on a terminal. */
function listener(channel: Channel, { tty }: Terminal, left: AbortController) {
  const keys = new TerminalEscape();
  const send = (data: Buffer) => {
    for (let at = 0; at < data.length; at += PIECE_BYTES)
      void channel.write(`key ${data.subarray(at, at + PIECE_BYTES).toString("base64")}\n`);
  };
  return {
    onInput: (data: Buffer) => {
      const typed = tty ? keys.take(data) : { forward: data, leave: false };
      send(typed.forward);
      if (typed.leave) left.abort(new CancelledError("SIGINT"));
    },
    onResize: (rows: number, columns: number) => void channel.write(`size ${rows} ${columns}\n`),
    onEnd: () => void channel.write("eof\n"),
  };
}

async function followShell(
  channel: ProgramChannel<"guard">,
  asked: AskedJob,
  terminal: Terminal,
  onStart: () => void,
): Promise<JobResult> {
  let result: JobResult | null = null;
  for await (const { type, body } of channel.frames()) {
    if (type === "log") await terminal.write(body);
    if (type === "phase" && body.toString("utf8") === "start") onStart();
    if (type === "result") result = parseResult(body, asked);
    if (type !== "end") continue;
    await channel.write("done\n");
    channel.end();
  }
  if (result !== null) return result;
  throw new InfraError(
    "host",
    `the shell ended without a result: ${channel.stderr().trim() || "no message"}`,
    {
      hint: "run the command again; `pikaci doctor` looks for what is wrong on the host",
    },
  );
}

/** Asks the guard to end the guest, and does not wait for a host that does not answer. */
function leave(channel: Channel): void {
  channel.write("cancel\n").catch(() => channel.kill());
  const timer = setTimeout(() => channel.kill(), LEAVE_MS);
  const stop = () => clearTimeout(timer);
  channel.closed.then(stop, stop);
}

function exitCodeOf(result: JobResult, signal: AbortSignal, { connection }: HostSession): number {
  if (signal.aborted) throw abortError(signal);
  if (result.exit_code !== null) return result.exit_code;
  throw unaskedEnd(result, signal, connection.host.url) ?? failureOf(result);
}

function failureOf(result: JobResult): PikaciError {
  const hint = "run the command again; `pikaci doctor` looks for what is wrong on the host";
  return result.status === "timeout"
    ? new TimeoutError(`the shell was ended: ${result.message}`, { hint })
    : new InfraError("host", result.message.replace(/^\w+: /, ""), { hint });
}
