import type { PikaciEvent } from "../core/events.ts";
import type { JobName } from "../core/ids.ts";
import type { JobResult } from "../core/job-result.ts";
import { isGood } from "../core/passes.ts";
import type { JobRecord } from "../core/run-record.ts";
import { formatAttempt, formatJob } from "./format.ts";
import { JobLogs } from "./job-logs.ts";
import { LiveRegion, type TerminalSize } from "./live-region.ts";
import { type Expected, LiveState } from "./live-state.ts";
import { LogTail } from "./log-tail.ts";
import { Narration, type NarrationOptions } from "./narration.ts";
import type { Reporter } from "./reporter.ts";
import { summaryJobs } from "./summary-jobs.ts";

interface LiveOptions extends NarrationOptions {
  readonly write: (text: string) => void;
  readonly size: () => TerminalSize;
  readonly expected: Expected;
  /** Milliseconds. */
  readonly now: () => number;
  /** Lines that stand below what is under way, also when nothing is; absent: none. */
  readonly footer?: () => readonly string[];
}

const DRAW_MS = 100;
/** A turn of the event loop that took longer may have missed a signal; so many turns later it is drawn all the same. */
const HELD_UP_MS = 20;
const MOST_TURNS = 3;
/** Of a job that did not pass, so many lines of its log are shown. */
const TAIL_LINES = 20;
const SHOWN_ROWS = 12;

/** A run on a terminal: what is under way in a live region, verdicts and the ends of bad logs above it. */
export class LiveReporter implements Reporter {
  readonly #options: LiveOptions;
  readonly #narration: Narration;
  readonly #state: LiveState;
  readonly #region: LiveRegion;
  readonly #logs = new JobLogs();
  readonly #tails = new Map<JobName, LogTail>();
  readonly #told = new Set<JobName>();
  readonly #timer: NodeJS.Timeout;
  #next: NodeJS.Immediate | undefined;
  #above: string[] = [];
  #paused = false;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#narration = new Narration(options);
    this.#state = new LiveState(options.expected);
    this.#region = new LiveRegion(options);
    this.#timer = setInterval(() => this.#drawSoon(), DRAW_MS).unref();
  }

  emit = (event: PikaciEvent): void => {
    this.#state.note(event, this.#options.now());
    this.#above.push(...this.#narration.of(event), ...this.#lines(event));
    if (event.type === "run-finished") this.#draw();
  };

  /** Text from elsewhere that belongs above the region. */
  say = (text: string): void => {
    this.#above.push(...text.split("\n").filter((line) => line !== ""));
    this.#draw();
  };

  /** Erases the region, and draws nothing until `resume`: another program has the terminal. */
  pause = (): void => {
    this.#region.update(this.#above.splice(0), []);
    this.#paused = true;
  };

  resume = (): void => {
    this.#paused = false;
    this.#draw();
  };

  close = (): readonly [] => {
    clearInterval(this.#timer);
    clearImmediate(this.#next);
    this.#region.update(this.#above.splice(0), []);
    return [];
  };

  /** Signals come between a timer and an immediate: a process that was held up hears first that its terminal has another size. */
  #drawSoon(turns = MOST_TURNS): void {
    const { now } = this.#options;
    const asked = now();
    clearImmediate(this.#next);
    this.#next = setImmediate(() => {
      if (now() - asked > HELD_UP_MS && turns > 0) this.#drawSoon(turns - 1);
      else this.#draw();
    });
  }

  #draw(): void {
    if (this.#paused) return;
    const { now, size, paint, footer = () => [] } = this.#options;
    const rows = Math.max(1, Math.min(SHOWN_ROWS, size().rows - 2));
    const below = footer().slice(0, rows - 1);
    const lines = this.#state.lines(now(), rows - below.length, paint);
    this.#region.update(this.#above.splice(0), [...lines, ...below]);
  }

  #lines(event: PikaciEvent): readonly string[] {
    switch (event.type) {
      case "job-log":
        return this.#log(event.job, this.#logs.push(event.job, event.data));
      case "job-attempt": {
        const rest = this.#log(event.job, this.#logs.end(event.job));
        const line = formatAttempt(event, this.#options.paint);
        this.#tails.get(event.job)?.push([line]);
        return [...rest, line];
      }
      case "job-finished":
        return this.#finished(event.job, event.result);
      case "run-finished":
        return [
          ...summaryJobs(event.record)
            .filter(({ job }) => !this.#told.has(job))
            .flatMap((job) => this.#untold(job)),
          ...this.#narration.end(event.record, event.directory),
        ];
      default:
        return [];
    }
  }

  #log(job: JobName, lines: readonly string[]): readonly string[] {
    const tail = this.#tails.get(job) ?? new LogTail(TAIL_LINES);
    this.#tails.set(job, tail);
    tail.push(lines);
    if (tail.last !== null) this.#state.said(job, tail.last);
    return this.#options.verbosity === "verbose" ? this.#named(job, lines) : [];
  }

  #finished(job: JobName, result: JobResult): string[] {
    this.#told.add(job);
    const rest = this.#log(job, this.#logs.end(job));
    return [
      ...rest,
      formatJob({ job, result, state: "finished" }, this.#options.paint),
      ...this.#tail(job, result),
    ];
  }

  /** A job that ended without a result of its own. */
  #untold(record: JobRecord): string[] {
    const { job, result } = record;
    const rest = this.#log(job, this.#logs.end(job));
    const tail = result === null ? [] : this.#tail(job, result);
    return [...rest, formatJob(record, this.#options.paint), ...tail];
  }

  #tail(job: JobName, { status }: JobResult): string[] {
    if (isGood(status) || this.#options.verbosity !== "normal") return [];
    return this.#named(job, this.#tails.get(job)?.lines() ?? []);
  }

  #named(job: JobName, lines: readonly string[]): string[] {
    return lines.map((line) => `${this.#options.paint("cyan", `${job} │`)} ${line}`);
  }
}
