import type { PikaciEvent } from "../core/events.ts";
import type { JobName } from "../core/ids.ts";
import { formatAttempt, formatJob, formatStatus } from "./format.ts";
import { JobLogs } from "./job-logs.ts";
import { Narration, type NarrationOptions } from "./narration.ts";
import type { Reporter } from "./reporter.ts";
import { summaryJobs } from "./summary-jobs.ts";

interface PlainOptions extends NarrationOptions {
  readonly write: (text: string) => void;
}

/** A run's events line by line, logs as they come, each line with its job's name: for what is no terminal. */
export class PlainReporter implements Reporter {
  readonly #options: PlainOptions;
  readonly #narration: Narration;
  readonly #logs = new JobLogs();

  constructor(options: PlainOptions) {
    this.#options = options;
    this.#narration = new Narration(options);
  }

  emit = (event: PikaciEvent): void => {
    const lines = [...this.#narration.of(event), ...this.#lines(event)];
    if (lines.length > 0) this.#options.write(lines.map((line) => `${line}\n`).join(""));
  };

  close = (): readonly [] => [];

  #lines(event: PikaciEvent): readonly string[] {
    const { paint, verbosity } = this.#options;
    if (event.type === "run-finished")
      return [
        ...this.#logs.open().flatMap((job) => this.#endLog(job)),
        ...summaryJobs(event.record).map((job) => formatJob(job, paint)),
        ...this.#narration.end(event.record, event.directory),
      ];
    if (verbosity === "quiet") return [];
    if (event.type === "job-log") return this.#named(event.job, this.#logs.push(event.job, event.data));
    if (event.type === "job-attempt") return [...this.#endLog(event.job), formatAttempt(event, paint)];
    if (event.type === "job-finished")
      return [...this.#endLog(event.job), `${formatStatus(event.result.status, paint)}  ${event.job}`];
    return [];
  }

  #endLog(job: JobName): string[] {
    return this.#named(job, this.#logs.end(job));
  }

  #named(job: JobName, lines: readonly string[]): string[] {
    return lines.map((line) => `${this.#options.paint("cyan", `${job} │`)} ${line}`);
  }
}
