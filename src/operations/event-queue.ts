import type { PikaciEvent } from "../core/events.ts";

/** How many bytes of log text wait for a slow reader; what exceeds this is dropped, with a message. */
const WAITING_LOG_BYTES = 16 * 1024 * 1024;

/** An event, and when it happened: ISO 8601, by the client's clock. */
export type TimedEvent = PikaciEvent & { readonly at: string };

/** A queue of events for one reader, who may come late, read slowly, leave early or never come. */
export class EventQueue {
  readonly #clock: () => Date;
  readonly #waiting: TimedEvent[] = [];
  #logBytes = 0;
  #dropping = false;
  #closed = false;
  #wake: () => void = () => {};

  constructor(clock: () => Date = () => new Date()) {
    this.#clock = clock;
  }

  push(event: PikaciEvent): void {
    if (this.#closed || this.#drops(event)) return;
    this.#waiting.push(this.#timed(event));
    this.#wake();
  }

  /** Ends the queue; events that wait can still be read. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async *read(): AsyncGenerator<TimedEvent, void, undefined> {
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

  #timed(event: PikaciEvent): TimedEvent {
    return { ...event, at: this.#clock().toISOString() };
  }

  #taken(event: TimedEvent): TimedEvent {
    if (event.type === "job-log") this.#logBytes -= event.data.length;
    return event;
  }

  #drops(event: PikaciEvent): boolean {
    if (event.type !== "job-log") return false;
    const full = this.#logBytes + event.data.length > WAITING_LOG_BYTES;
    if (full && !this.#dropping) this.#waiting.push(this.#timed(droppedWarning()));
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
