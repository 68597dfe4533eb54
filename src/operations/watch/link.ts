import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../../core/context.ts";
import { abortError, InfraError } from "../../core/errors.ts";
import type { HostSpec } from "../../core/project.ts";
import type { StandingConnection } from "../../remote/connection.ts";
import { stand } from "../../remote/standing.ts";

const LONGEST_PAUSE_MS = 30_000;

/** Milliseconds before the try that follows so many failures: 1 s, then twice as long each time, at most 30 s. */
export function pauseBefore(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** (failures - 1));
}

/** Whether it makes sense to try again: the host may come back, or let this user in; a key that is not trusted stays so. */
export function mayComeBack(error: unknown): error is InfraError {
  return error instanceof InfraError && (error.where === "network" || error.where === "host");
}

interface LinkListener {
  /** The connection ended by itself. */
  readonly onLost: () => void;
  /** A try failed, and the next one follows in so many milliseconds. */
  readonly onFailed: (error: InfraError, pauseMs: number) => void;
}

/** The connection of a watch to its host, kept between runs. */
export class Link {
  readonly #context: Context;
  readonly #listener: LinkListener;
  #standing: StandingConnection | null = null;
  #failures = 0;

  constructor(listener: LinkListener, context: Context) {
    this.#listener = listener;
    this.#context = context;
  }

  /** The connection that is there; null when there is none, or it has ended. */
  get standing(): StandingConnection | null {
    return this.#standing;
  }

  /** A connection to this host that has answered; what leads to another host is closed. Throws what ssh says. */
  async to(host: HostSpec): Promise<StandingConnection> {
    if (this.#standing !== null && !isSame(this.#standing.host, host)) await this.drop();
    const standing = this.#standing ?? (await this.#open(host));
    try {
      await standing.ready;
    } catch (error) {
      if (this.#standing === standing) await this.drop();
      throw error;
    }
    return standing;
  }

  /** Tries until the host answers; ends with the context's signal. Throws what another try cannot mend. */
  async reconnect(host: HostSpec): Promise<void> {
    const { signal } = this.#context;
    await this.drop();
    for (;;) {
      await sleep(pauseBefore(this.#failures), undefined, { signal }).catch(() => {});
      if (signal.aborted) throw abortError(signal);
      this.#failures += 1;
      try {
        await this.to(host);
        return;
      } catch (error) {
        if (!mayComeBack(error)) throw error;
        this.#listener.onFailed(error, pauseBefore(this.#failures));
      }
    }
  }

  /** A run came to its end over this connection: the next failure is the first one. */
  works(): void {
    this.#failures = 0;
  }

  async drop(): Promise<void> {
    const standing = this.#standing;
    this.#standing = null;
    await standing?.close();
  }

  async #open(host: HostSpec): Promise<StandingConnection> {
    const standing = await stand(host, this.#context);
    this.#standing = standing;
    void standing.ended.then(() => {
      if (this.#standing !== standing) return;
      this.#standing = null;
      void standing.close();
      this.#listener.onLost();
    });
    return standing;
  }
}

function isSame(one: HostSpec, other: HostSpec): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
