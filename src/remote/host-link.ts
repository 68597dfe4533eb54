import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../core/context.ts";
import { abortError, InfraError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { HostSpec } from "../core/project.ts";
import { connect } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { type HostSession, openSession } from "./session.ts";

const PAUSE_MS = 1_000;

/** Whether an error means that the connection is lost, while what runs on the host may live on. */
export function isLost(error: unknown): error is InfraError {
  return error instanceof InfraError && error.where === "network";
}

/** Who connects to a host, and for which run. */
interface Visit {
  readonly host: HostSpec;
  readonly runId: RunId;
  /** The run ends without its `client`; an `observer` may come and go. */
  readonly as: "client" | "observer";
}

/** Opens a session that asks nothing but whether the host works. */
export async function openPlainSession({ host, runId, as }: Visit, context: Context): Promise<HostSession> {
  const connection = await connect(host, context);
  const observer = as === "observer";
  const questions = { runId, projectId: "", contentHash: null, runners: [], backends: [], observer };
  try {
    return await openSession(connection, questions, context);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** A host for the duration of a run: a broken connection is made again until the host's lease has passed. */
export class HostLink {
  readonly #visit: Visit;
  readonly #context: Context;
  readonly #old: Connection[] = [];
  #session: HostSession;
  #pending: Promise<HostSession> | null = null;

  constructor(session: HostSession, visit: Visit, context: Context) {
    this.#session = session;
    this.#visit = visit;
    this.#context = context;
  }

  get session(): HostSession {
    return this.#session;
  }

  /** A new session after `broken` has failed with `cause`; throws `cause` when there is none in time. */
  async reconnect(broken: HostSession, cause: InfraError): Promise<HostSession> {
    if (this.#session !== broken) return this.#session;
    this.#pending ??= this.#again(cause).finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }

  /** Ends all connections, old and new. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#old, this.#session.connection].map((one) => one.close()));
  }

  async #again(cause: InfraError): Promise<HostSession> {
    const { emit } = this.#context;
    const { leaseMs } = this.#visit.host;
    const seconds = Math.round(leaseMs / 1000);
    emit({
      type: "warning",
      message: `${cause.message.split("\n", 1)[0]}: trying for ${seconds} s to reach the host again`,
      hint: null,
    });
    const end = performance.now() + leaseMs;
    for (;;) {
      const session = await this.#attempt();
      if (session !== null) {
        this.#old.push(this.#session.connection);
        this.#session = session;
        return session;
      }
      if (performance.now() >= end) throw cause;
      await this.#pause();
    }
  }

  /** Null when the host cannot be reached now. */
  async #attempt(): Promise<HostSession | null> {
    try {
      return await openPlainSession(this.#visit, this.#context);
    } catch (error) {
      if (isLost(error)) return null;
      throw error;
    }
  }

  async #pause(): Promise<void> {
    const { signal } = this.#context;
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) throw abortError(signal);
  }
}
