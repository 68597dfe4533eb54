import type { Context } from "../core/context.ts";
import { abortError, InfraError } from "../core/errors.ts";
import type { Channel, Connection, Frame, OpenOptions, ProgramName } from "./connection.ts";
import {
  encodeParams,
  type FrameType,
  type ProgramChannel,
  type ProgramParams,
  sends,
  wantsHeartbeat,
} from "./program-types.ts";

/** A host program with its parameters. */
interface Call<N extends ProgramName> extends Omit<OpenOptions, "heartbeat"> {
  readonly program: N;
  readonly params: ProgramParams[N];
}

/** Starts a host program and returns its channel; a frame that the program never sends is InfraError("host"). */
export async function startProgram<N extends ProgramName>(
  connection: Connection,
  { program, params, ...options }: Call<N>,
): Promise<ProgramChannel<N>> {
  const channel = await connection.open(program, encodeParams({ ...params }), {
    ...options,
    heartbeat: wantsHeartbeat(program),
  });
  return ownFrames(program, channel);
}

/**
 * Holds a conversation with a host program and returns the result of `talk`. When `talk` returns null, the program ended without
 * an answer: InfraError("host"). When the user cancels or `talk` fails, the program is ended first and the error thrown then.
 */
export async function converse<N extends ProgramName, Answer>(
  connection: Connection,
  call: Call<N>,
  { signal }: Pick<Context, "signal">,
  talk: (channel: ProgramChannel<N>) => Promise<Answer | null>,
): Promise<Answer> {
  const channel = await startProgram(connection, call);
  const stop = () => channel.kill();
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (signal.aborted) throw abortError(signal);
    const answer = await talk(channel);
    if (answer === null) throw noAnswer(call.program, channel);
    return answer;
  } catch (error) {
    channel.kill();
    await channel.closed.catch(() => {});
    throw signal.aborted ? abortError(signal) : error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Asks a host program whose answer closes with an `end` frame; returns the frames before it. */
export function ask<N extends ProgramName>(
  connection: Connection,
  call: Call<N>,
  context: Pick<Context, "signal">,
): Promise<readonly Frame<FrameType<N>>[]> {
  return converse(connection, call, context, framesToEnd);
}

/** The frames before `end`, once the program has ended; null when there was no `end`. */
export async function framesToEnd<Type extends string>(
  channel: Channel<Type>,
): Promise<readonly Frame<Type>[] | null> {
  const frames: Frame<Type>[] = [];
  let whole = false;
  for await (const frame of channel.frames()) {
    if (frame.type === "end") whole = true;
    else frames.push(frame);
  }
  return whole ? frames : null;
}

function ownFrames<N extends ProgramName>(program: N, channel: Channel): ProgramChannel<N> {
  return {
    write: (data) => channel.write(data),
    end: () => channel.end(),
    frames: () => checkedFrames(program, channel.frames()),
    closed: channel.closed,
    outputEnded: channel.outputEnded,
    stderr: () => channel.stderr(),
    kill: () => channel.kill(),
  };
}

/** Has no `return`, like the frames of a channel: leaving a loop early does not end the conversation. */
function checkedFrames<N extends ProgramName>(
  program: N,
  frames: AsyncIterable<Frame>,
): AsyncIterable<Frame<FrameType<N>>> {
  const inner = frames[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<Frame<FrameType<N>>, undefined>> => {
    const { done, value } = await inner.next();
    return done === true ? { done, value: undefined } : { done: false, value: ownFrame(program, value) };
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

function ownFrame<N extends ProgramName>(program: N, { type, body }: Frame): Frame<FrameType<N>> {
  if (sends(program, type)) return { type, body };
  throw new InfraError("host", `${program}: the host sent \`${type}\`, which is not expected here`, {
    hint: "use the same version of pikaci for all who use this host",
  });
}

function noAnswer(program: ProgramName, channel: Channel): InfraError {
  const said = channel.stderr().trim() || "no message";
  return new InfraError("host", `the program \`${program}\` ended without an answer: ${said}`, {
    hint: "run the command again; `pikaci logs --kind host` shows what the host said during a run",
  });
}
