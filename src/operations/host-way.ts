import type { Context } from "../core/context.ts";
import type { RunId } from "../core/ids.ts";
import type { HostSpec } from "../core/project.ts";
import { connect } from "../remote/connect.ts";
import type { Connection } from "../remote/connection.ts";
import { HostLink } from "../remote/host-link.ts";
import { type EarlySession, type HostSession, openEarlySession, type Questions } from "../remote/session.ts";

/** How a connection and a session come about: over a connection of the run's own, or over one that is there. */
export interface Reach {
  readonly connect: () => Promise<Connection>;
  readonly openEarlySession: typeof openEarlySession;
}

/** A connection of the run's own. */
export function ownReach(host: HostSpec, context: Context): Reach {
  return { connect: () => connect(host, context), openEarlySession };
}

/** How a run reaches its host. Whoever makes one must call `close` in the end. */
export class HostWay {
  readonly #reach: Reach;
  #connecting: Promise<Connection> | null = null;
  readonly #host: HostSpec;
  #link: HostLink | null = null;
  #closing: Promise<void> | null = null;

  /** `ahead`: connecting begins at once, and not when it is asked for. */
  constructor(host: HostSpec, reach: Reach, ahead: boolean) {
    this.#host = host;
    this.#reach = reach;
    if (ahead) this.#connect().catch(() => {});
  }

  /** Throws what `connect` and `openEarlySession` throw. */
  async openEarlySession(questions: Omit<Questions, "contentHash">, context: Context): Promise<EarlySession> {
    return this.#reach.openEarlySession(await this.#connect(), questions, context);
  }

  #connect(): Promise<Connection> {
    this.#connecting ??= this.#reach.connect();
    return this.#connecting;
  }

  /** A program will be opened soon. What goes wrong is told by who opens it. */
  standBy(): void {
    this.#connect().then(
      (connection) => connection.standBy(),
      () => {},
    );
  }

  /** Jobs run from here on, and may reach the host again when the connection breaks. */
  hold(session: HostSession, runId: RunId, context: Context): HostLink {
    this.#link = new HostLink(session, { host: this.#host, runId, as: "client" }, context);
    return this.#link;
  }

  get hasLink(): boolean {
    return this.#link !== null;
  }

  /** What ends from now on was to end. */
  get isClosing(): boolean {
    return this.#closing !== null;
  }

  /** Begins to end all connections; resolves when nothing of them is left here. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#link?.close();
    await this.#connecting?.then((connection) => connection.close()).catch(() => {});
  }
}
