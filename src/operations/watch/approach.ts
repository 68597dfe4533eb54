import type { Context } from "../../core/context.ts";
import { CancelledError } from "../../core/errors.ts";
import type { Emit } from "../../core/events.ts";
import type { RunId } from "../../core/ids.ts";
import type { Connection, StandingConnection } from "../../remote/connection.ts";
import { type EarlySession, openEarlySession, type Questions } from "../../remote/session.ts";
import { lend } from "../../remote/standing.ts";
import { newRunId } from "../../system/run-id.ts";
import { HeldEvents } from "../held-events.ts";
import type { Reach } from "../host-way.ts";

type EarlyQuestions = Omit<Questions, "contentHash">;
/** What a session is asked but for the run that it is of. */
type Guess = Omit<EarlyQuestions, "runId">;

/** What the host said so long ago may not be true any more: packages, free space, snapshots. Milliseconds. */
const FRESH_MS = 10_000;

/**
 * A run's way to its host, begun before it is known whether there will be a run: at the first sign of a change a session is
 * opened that asks what the session before asked. It is the run's if the run asks the same, and is closed if not.
 */
export class Approach {
  readonly runId: RunId;
  readonly #standing: StandingConnection;
  readonly #context: Context;
  readonly #began: Date;
  readonly #guess: Guess | null;
  /** The events of a run that may take the session. */
  #emit: Emit = () => {};
  readonly #events = new HeldEvents((event) => this.#emit(event));
  readonly #given = new AbortController();
  readonly #connections: [Connection, ...Connection[]];
  readonly #session: Promise<EarlySession> | null;

  constructor(standing: StandingConnection, guess: Guess | null, context: Context) {
    this.#standing = standing;
    this.#context = context;
    this.#began = context.clock();
    this.runId = newRunId(this.#began);
    this.#guess = guess;
    this.#connections = [lend(standing)];
    this.#session = guess === null ? null : this.#ahead(guess);
    this.#session?.catch(() => {});
  }

  leadsTo(standing: StandingConnection | null): boolean {
    return this.#standing === standing;
  }

  isFresh(): boolean {
    return this.#context.clock().getTime() - this.#began.getTime() < FRESH_MS;
  }

  /** `onQuestions` is called with what the run asks. */
  reach(onQuestions: (asked: Guess) => void): Reach {
    return {
      connect: async () => this.#connections[0],
      openEarlySession: async (_, questions, context) => {
        onQuestions(guessFrom(questions));
        return this.#matches(questions) ? this.#take(context) : this.#anew(questions, context);
      },
    };
  }

  /** Ends the session, and waits until the host has cleared up. */
  async close(): Promise<void> {
    this.#given.abort(new CancelledError("SIGINT", { message: "the session was not needed" }));
    await Promise.allSettled(this.#connections.map((connection) => connection.close()));
  }

  #ahead(guess: Guess): Promise<EarlySession> {
    const signal = AbortSignal.any([this.#context.signal, this.#given.signal]);
    const context = { ...this.#context, signal, emit: this.#events.emit };
    return openEarlySession(this.#connections[0], { ...guess, runId: this.runId }, context);
  }

  #matches(questions: EarlyQuestions): boolean {
    return this.#guess !== null && JSON.stringify(guessFrom(questions)) === JSON.stringify(this.#guess);
  }

  async #take({ signal, emit }: Context): Promise<EarlySession> {
    const session = this.#session;
    if (session === null) throw new Error("a session that was not opened cannot be taken");
    const stop = () => this.#given.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      const opened = await session;
      this.#emit = emit;
      this.#events.release();
      return opened;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** The session that was opened is of the same run: the host must have cleared it away before there is another. */
  async #anew(questions: EarlyQuestions, context: Context): Promise<EarlySession> {
    if (this.#session === null) return openEarlySession(this.#connections[0], questions, context);
    await this.#connections[0].close();
    const connection = lend(this.#standing);
    this.#connections.push(connection);
    return openEarlySession(connection, questions, context);
  }
}

function guessFrom({ runId: _, ...guess }: EarlyQuestions): Guess {
  return guess;
}
