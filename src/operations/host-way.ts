import type { Context } from "../core/context.ts";
import type { RunId } from "../core/ids.ts";
import type { HostSpec } from "../core/project.ts";
import { connect } from "../remote/connect.ts";
import type { Connection } from "../remote/connection.ts";
import { HostLink } from "../remote/host-link.ts";
import type { HostSession } from "../remote/session.ts";

/** How a run reaches its host. Whoever makes one must call `close` in the end. */
export class HostWay {
  readonly #context: Context;
  #connecting: Promise<Connection> | null = null;
  readonly #host: HostSpec;
  #link: HostLink | null = null;
  #closing: Promise<void> | null = null;

  /** `ahead`: connecting begins at once, and not when it is asked for. */
  constructor(host: HostSpec, context: Context, ahead: boolean) {
    this.#host = host;
    this.#context = context;
    if (ahead) this.connect().catch(() => {});
  }

  connect(): Promise<Connection> {
    this.#connecting ??= connect(this.#host, this.#context);
    return this.#connecting;
  }

  /** A program will be opened soon. What goes wrong is told by who opens it. */
  standBy(): void {
    this.connect().then(
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
