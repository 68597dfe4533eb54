import type { JobName } from "../core/ids.ts";
import { LineSanitiser } from "./sanitise.ts";

/** Jobs' logs as they come, as lines that are safe to show. */
export class JobLogs {
  readonly #open = new Map<JobName, LineSanitiser>();

  /** The lines that ended in this piece. */
  push(job: JobName, data: Buffer): string[] {
    const sanitiser = this.#open.get(job) ?? new LineSanitiser();
    this.#open.set(job, sanitiser);
    return sanitiser.push(data);
  }

  /** What is left of a log that has ended. */
  end(job: JobName): string[] {
    const rest = this.#open.get(job)?.end() ?? [];
    this.#open.delete(job);
    return rest;
  }

  /** Jobs whose logs have not ended. */
  open(): JobName[] {
    return [...this.#open.keys()];
  }
}
