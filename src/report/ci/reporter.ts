import type { InfraError } from "../../core/errors.ts";
import type { PikaciEvent } from "../../core/events.ts";
import type { JobName } from "../../core/ids.ts";
import { isGood } from "../../core/passes.ts";
import type { JobRecord, RunRecord } from "../../core/run-record.ts";
import { formatAttempt, formatJob } from "../format.ts";
import { JobLogs } from "../job-logs.ts";
import { Narration, type NarrationOptions } from "../narration.ts";
import type { Reporter, Sink } from "../reporter.ts";
import { summaryJobs } from "../summary-jobs.ts";
import { type AnnotationOptions, Annotations } from "./annotations.ts";
import { type Dialect, dialectOf } from "./dialect.ts";
import { LogBuffer } from "./log-buffer.ts";
import type { CiService } from "./service.ts";
import { stepSummary } from "./step-summary.ts";
import { Watch } from "./watch.ts";

interface CiOptions extends NarrationOptions, AnnotationOptions {
  readonly service: CiService;
  readonly write: (text: string) => void;
  /** Where the service takes a summary in Markdown. */
  readonly summary: Sink | null;
  /** Milliseconds. */
  readonly now: () => number;
}

const TICK_MS = 1000;
/** Of a job that did not pass, so many lines are shown open; a longer log is folded above them. */
const OPEN_LINES = 100;
const SUMMARY_LINES = 40;

/** A run in a CI service's log: each job in one piece when it ends, folded if it passed. */
export class CiReporter implements Reporter {
  readonly #options: CiOptions;
  readonly #dialect: Dialect;
  readonly #narration: Narration;
  readonly #logs = new JobLogs();
  readonly #buffers = new Map<JobName, LogBuffer>();
  readonly #tails = new Map<JobName, readonly string[]>();
  readonly #told = new Set<JobName>();
  readonly #watch = new Watch();
  /** Null where none are shown. */
  readonly #annotations: Annotations | null;
  readonly #timer: NodeJS.Timeout;

  constructor(options: CiOptions) {
    this.#options = options;
    this.#dialect = dialectOf(options.service);
    this.#narration = new Narration(options);
    const isNoted = this.#dialect.annotate !== null && options.verbosity !== "quiet";
    this.#annotations = isNoted ? new Annotations(options) : null;
    this.#timer = setInterval(() => {
      if (options.verbosity !== "quiet") this.tick();
    }, TICK_MS).unref();
  }

  emit = (event: PikaciEvent): void => {
    this.#watch.note(event, this.#options.now());
    this.#annotations?.note(event);
    this.#print([...this.#narration.of(event).map(oneMark), ...this.#lines(event)]);
  };

  /** Says what is due: that something still runs, that something is silent. */
  tick(): void {
    for (const { kind, text } of this.#watch.due(this.#options.now())) {
      const note = { level: "warning", file: null, line: null, title: "pikaci", message: text } as const;
      const annotate = kind === "stall" ? this.#dialect.annotate : null;
      this.#print([annotate?.(note) ?? (kind === "stall" ? `warning: ${text}` : text)]);
    }
  }

  close = (): readonly InfraError[] => {
    clearInterval(this.#timer);
    return [this.#options.summary?.close() ?? []].flat();
  };

  #print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#options.write(lines.map((line) => `${line}\n`).join(""));
    this.#watch.printed(this.#options.now());
  }

  #lines(event: PikaciEvent): readonly string[] {
    switch (event.type) {
      case "job-log":
        this.#log(event.job, this.#logs.push(event.job, event.data));
        return [];
      case "job-attempt":
        this.#attempt(event);
        return [];
      case "job-finished":
        return this.#job({ job: event.job, result: event.result, state: "finished" });
      case "run-finished":
        return this.#finished(event.record, event.directory);
      default:
        return [];
    }
  }

  #finished(record: RunRecord, directory: string): string[] {
    const untold = record.jobs.filter(({ job }) => !this.#told.has(job));
    const lines = untold.flatMap((job) => this.#job(job));
    this.#options.summary?.write(stepSummary(record, this.#tails));
    return [...lines, this.#dialect.heading("verdicts"), ...this.#verdicts(record)].concat(
      this.#narration.end(record, directory).map(oneMark),
    );
  }

  #verdicts(record: RunRecord): string[] {
    return summaryJobs(record).map((job) => oneMark(formatJob(job, this.#options.paint)));
  }

  /** Only the last attempt's places are annotated. */
  #attempt(event: Extract<PikaciEvent, { readonly type: "job-attempt" }>): void {
    const { job } = event;
    this.#log(job, this.#logs.end(job));
    this.#annotations?.forget(job);
    this.#buffer(job).push([formatAttempt(event, this.#options.paint)]);
  }

  #log(job: JobName, lines: readonly string[]): void {
    this.#buffer(job).push(lines);
    this.#annotations?.log(job, lines);
  }

  #buffer(job: JobName): LogBuffer {
    const known = this.#buffers.get(job) ?? new LogBuffer();
    this.#buffers.set(job, known);
    return known;
  }

  #job(record: Pick<JobRecord, "job" | "result" | "state">): string[] {
    const { job, result } = record;
    this.#told.add(job);
    this.#log(job, this.#logs.end(job));
    const buffer = this.#buffer(job);
    const notes = result === null || isGood(result.status) ? [] : (this.#annotations?.of(job, result) ?? []);
    this.#annotations?.forget(job);
    this.#buffers.delete(job);
    if (!isGood(result?.status)) this.#tails.set(job, buffer.last(SUMMARY_LINES));
    if (this.#options.verbosity === "quiet") return [];
    const title = formatJob(record, this.#options.paint).replaceAll("\n", " ");
    if (isGood(result?.status)) return buffer.size === 0 ? [title] : this.#folded(title, job, buffer.last());
    const all = buffer.size > OPEN_LINES ? this.#folded(`the log of ${job}`, job, buffer.last()) : [];
    const open = [this.#dialect.heading(title), ...indented(buffer.last(OPEN_LINES))];
    return [...all, ...open, ...notes.map((note) => this.#dialect.annotate?.(note) ?? note.message)];
  }

  #folded(title: string, job: JobName, lines: readonly string[]): string[] {
    const seconds = Math.floor(this.#options.now() / 1000);
    const { fold, endFold } = this.#dialect;
    return [...fold(title, job, seconds), ...indented(lines), ...endFold(job, seconds)];
  }
}

/** Only the first line of what is told, which begins with words of pikaci's own, stands at the margin. */
function oneMark(text: string): string {
  return text.replaceAll("\n", "\n  ");
}

/** No service reads a mark of its own behind blanks; those that do are disarmed by the sanitiser. */
function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
