import { InfraError } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import { type JobName, parseName } from "../core/ids.ts";
import { MOST_SERVICES } from "../core/job.ts";
import { quoted } from "../core/quoted.ts";

/** Bytes of one log; a guard keeps 16 MiB, and its last line. */
const MOST_BYTES = 17 << 20;

/** A job's `service-log` frames as events; what comes again after a connection broke is left out. */
export class ServiceLogs {
  readonly #job: JobName;
  readonly #emit: Emit;
  /** Bytes of each log that were passed on. */
  readonly #shown = new Map<JobName, number>();
  /** Bytes of each that this connection has brought. */
  #brought = new Map<JobName, number>();

  constructor(job: JobName, emit: Emit) {
    this.#job = job;
    this.#emit = emit;
  }

  /** The next connection begins all logs anew. */
  again(): void {
    this.#brought = new Map();
  }

  /** A frame: the service's name, a newline, and more of its log. InfraError("host"). */
  take(body: Buffer): void {
    const end = body.indexOf("\n");
    const service = serviceOf(body.subarray(0, Math.max(end, 0)).toString("utf8"));
    const data = body.subarray(end + 1);
    const at = this.#brought.get(service) ?? 0;
    const shown = this.#shown.get(service) ?? 0;
    this.#brought.set(service, at + data.length);
    if (at + data.length > MOST_BYTES || this.#brought.size > MOST_SERVICES)
      throw new InfraError(
        "host",
        `the host sends more of the logs of ${this.#job}'s services than they can have`,
        {
          hint: "look into the run's directory in the work dir there: somebody changed it",
        },
      );
    if (at + data.length <= shown) return;
    this.#shown.set(service, at + data.length);
    this.#emit({
      type: "service-log",
      job: this.#job,
      service,
      data: data.subarray(Math.max(0, shown - at)),
    });
  }
}

function serviceOf(text: string): JobName {
  try {
    return parseName(text);
  } catch (cause) {
    throw new InfraError("host", `the host sends the log of a service with a bad name: ${quoted(text)}`, {
      cause,
    });
  }
}
