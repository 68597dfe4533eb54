import type { Context } from "../core/context.ts";
import type { HostSpec } from "../core/project.ts";
import type { Channel, Connection, StandingConnection } from "./connection.ts";
import { connectLocal } from "./local.ts";
import { standSsh } from "./ssh/connection.ts";

/** The session waits up to 20 s for its run's guards to end. */
const CLOSE_MS = 25_000;

/** Starts connecting to a host for many runs; `lend` gives each its part. The caller must call `close` in the end. */
export async function stand(host: HostSpec, context: Context): Promise<StandingConnection> {
  return host.url === "local" ? standHere(host, context) : standSsh(host, context);
}

/** This machine is always there, and starting a program on it takes no time that could be saved. */
function standHere(host: HostSpec, { env }: Context): StandingConnection {
  const never = new Promise<void>(() => {});
  return { ...connectLocal(host, env), ready: Promise.resolve(), ended: never, prepare: () => {} };
}

/** One run's part of a connection: closing it ends the channels that were opened through it, and leaves the rest alone. */
export function lend(standing: StandingConnection): Connection {
  const channels = new Set<Channel>();
  const sessions = new Set<Channel>();
  let closing: Promise<void> | null = null;
  return {
    host: standing.host,
    open: async (program, params, options) => {
      const channel = await standing.open(program, params, options);
      if (options?.outlives === true) return channel;
      const own = program === "session" ? sessions : channels;
      own.add(channel);
      const forget = () => own.delete(channel);
      channel.closed.then(forget, forget);
      if (closing !== null) channel.kill();
      return channel;
    },
    standBy: () => standing.standBy(),
    isThere: () => standing.isThere(),
    nixStore: (scheme) => standing.nixStore(scheme),
    close: () => {
      closing ??= endAll(channels, sessions);
      return closing;
    },
  };
}

/** A session that sees the end of its input clears up what the run left, and then ends. */
async function endAll(channels: ReadonlySet<Channel>, sessions: ReadonlySet<Channel>): Promise<void> {
  for (const channel of channels) channel.kill();
  const open = [...channels, ...sessions];
  for (const session of sessions) session.end();
  const timer = setTimeout(() => {
    for (const session of sessions) session.kill();
  }, CLOSE_MS);
  await Promise.allSettled(open.map((channel) => channel.closed));
  clearTimeout(timer);
}
