import type { PikaciEvent } from "../core/events.ts";

/** Bytes of log text that wait for a slow reader; what is more is left out, and said. */
const WAITING_LOG_BYTES = 16 * 1024 * 1024;

/** Events on their way to one reader, which may come late, read slowly, leave early or never come. */
export class EventQueue {
  readonly #waiting: PikaciEvent[] = [];
  #logBytes = 0;
  #dropping = false;
  #closed = false;
  #wake: () => void = () => {};

  push(event: PikaciEvent): void {
    if (this.#closed || this.#drops(event)) return;
    this.#waiting.push(event);
    this.#wake();
  }

  /** No event comes any more; those that wait can still be read. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async *read(): AsyncGenerator<PikaciEvent, void, undefined> {
    try {
      for (;;) {
        const event = this.#waiting.shift();
        if (event === undefined && this.#closed) return;
        if (event === undefined) await this.#next();
        else yield this.#taken(event);
      }
    } finally {
      this.#closed = true;
      this.#waiting.length = 0;
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #taken(event: PikaciEvent): PikaciEvent {
    if (event.type === "job-log") this.#logBytes -= event.data.length;
    return event;
  }

  #drops(event: PikaciEvent): boolean {
    if (event.type !== "job-log") return false;
    const full = this.#logBytes + event.data.length > WAITING_LOG_BYTES;
    if (full && !this.#dropping) this.#waiting.push(droppedWarning());
    this.#dropping = full;
    if (!full) this.#logBytes += event.data.length;
    return full;
  }
}

function droppedWarning(): PikaciEvent {
  return {
    type: "warning",
    message: "the events are read too slowly: log text is left out here",
    hint: "guest.log of the job has all of it",
  };
}
