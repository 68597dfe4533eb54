import type { ProcessChannel } from "../channel.ts";
import type { OpenOptions, ProgramName } from "../connection.ts";

/** A channel to a shell on the host that waits for its program. */
export interface WaitingChannel {
  readonly channel: ProcessChannel;
  /** From now on it is this program's; its script comes next. */
  use(program: ProgramName, options: OpenOptions): void;
}

/** Channels that are opened before anybody needs them: until a shell on the host answers takes longer than what it then does. */
export class WaitingChannels {
  readonly #open: () => Promise<WaitingChannel>;
  readonly #waiting = new Set<Promise<WaitingChannel>>();

  constructor(open: () => Promise<WaitingChannel>) {
    this.#open = open;
  }

  /** Opens so many as are missing of `count`. What goes wrong is told by who opens the next one. */
  fill(count: number): void {
    while (this.#waiting.size < count) {
      const waiting = this.#open();
      this.#waiting.add(waiting);
      const forget = () => this.#waiting.delete(waiting);
      waiting.then(({ channel }) => channel.closed).then(forget, forget);
    }
  }

  /** One that nobody else gets; null when there is none. */
  async take(): Promise<WaitingChannel | null> {
    for (const waiting of this.#waiting) {
      this.#waiting.delete(waiting);
      const opened = await waiting.catch(() => null);
      if (opened?.channel.isOpen() === true) return opened;
    }
    return null;
  }
}
