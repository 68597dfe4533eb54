import type { PikaciEvent } from "../core/events.ts";
import type { JobName } from "../core/ids.ts";

/** The place in a job's log, in bytes, where an attempt begins. */
interface Beginning {
  readonly at: number;
  readonly event: Extract<PikaciEvent, { readonly type: "job-attempt" }>;
}

/** `attempt N OF AT REASON` of the guard's phases; null for any other line. */
export function parseAttemptLine(line: string, job: JobName): Beginning | null {
  const said = /^attempt (\d{1,3}) (\d{1,3}) (\d{1,15}) (.*)$/.exec(line);
  if (said === null) return null;
  const [, attempt, of, at, reason = ""] = said;
  return {
    at: Number(at),
    event: { type: "job-attempt", job, attempt: Number(attempt), of: Number(of), reason },
  };
}

/**
 * A job's events in the order in which they happened: the host sends phases as soon as it has them, before what is still to come
 * of the log. From the beginning of an attempt on they are held until the log has come that far.
 */
export class AttemptOrder {
  readonly #held: { readonly at: number; readonly event: PikaciEvent }[] = [];
  #offset: number;

  /** `offset`: how many bytes of the log have come before. */
  constructor(offset: number) {
    this.#offset = offset;
  }

  /** The events that are due when the host says that an attempt begins. */
  begin({ at, event }: Beginning): PikaciEvent[] {
    this.#held.push({ at, event });
    return this.#due(this.#offset);
  }

  /** The events that are due with another one, which is no part of the log. */
  note(event: PikaciEvent): PikaciEvent[] {
    const last = this.#held.at(-1);
    if (last === undefined) return [event];
    this.#held.push({ at: last.at, event });
    return [];
  }

  /** A piece of the log, and the events that are due in it. */
  log(job: JobName, data: Buffer): PikaciEvent[] {
    const events: PikaciEvent[] = [];
    const end = this.#offset + data.length;
    let from = 0;
    const pieceUntil = (to: number) => {
      if (to > from) events.push({ type: "job-log", job, data: data.subarray(from, to) });
      from = to;
    };
    for (let next = this.#held[0]; next !== undefined && next.at <= end; next = this.#held[0]) {
      pieceUntil(next.at - this.#offset);
      events.push(...this.#due(next.at));
    }
    pieceUntil(data.length);
    this.#offset = end;
    return events;
  }

  /** What is still held when the log is over. */
  end(): PikaciEvent[] {
    return this.#due(Number.POSITIVE_INFINITY);
  }

  #due(offset: number): PikaciEvent[] {
    const later = this.#held.findIndex(({ at }) => at > offset);
    const due = this.#held.splice(0, later === -1 ? this.#held.length : later);
    return due.map(({ event }) => event);
  }
}
