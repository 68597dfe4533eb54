import { relative } from "node:path";
import { formatDuration } from "../config/duration.ts";
import type { PikaciEvent, StageName } from "../events.ts";
import type { JobName } from "../ids.ts";
import type { JobRecord, RunRecord } from "../model.ts";
import {
  formatBytes,
  formatError,
  formatJob,
  formatStatus,
  formatWarning,
  plural,
  runDuration,
} from "./format.ts";
import type { Reporter } from "./reporter.ts";
import { LineSanitiser, sanitise } from "./sanitise.ts";
import { StageSummary } from "./stage-summary.ts";
import type { Paint } from "./style.ts";

export interface TerminalOptions {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  /** A terminal gets one line that is written over while something is under way. */
  readonly terminal: boolean;
  readonly verbosity: "quiet" | "normal" | "verbose";
  /** Directories are shown relative to it. */
  readonly cwd: string;
}

/** Shows a run's events to people, line by line; every text that is not pikaci's own is sanitised. */
export class TerminalReporter implements Reporter {
  readonly #options: TerminalOptions;
  readonly #logs = new Map<JobName, LineSanitiser>();
  readonly #summary = new StageSummary();
  #transient = false;

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  emit = (event: PikaciEvent): void => {
    this.#summary.note(event);
    for (const line of this.#lines(event)) this.#line(line);
    const passing = passingText(event);
    if (passing !== null && this.#options.verbosity !== "quiet") this.#passing(passing);
  };

  close = (): readonly [] => [];

  #lines(event: PikaciEvent): readonly string[] {
    if (event.type === "warning") return [formatWarning(event, this.#options.paint)];
    if (event.type === "run-finished") return this.#finished(event.record, event.directory);
    if (this.#options.verbosity === "quiet") return [];
    return [...this.#progress(event), ...(this.#options.verbosity === "verbose" ? this.#details(event) : [])];
  }

  #progress(event: PikaciEvent): readonly string[] {
    const { paint } = this.#options;
    switch (event.type) {
      case "run-started":
        return [
          `${paint("bold", `run ${event.runId}`)} of ${event.target ?? "jobs"} on ${event.host}: ${event.jobs.join(", ") || "nothing to run"}`,
        ];
      case "stage-finished":
        return event.job === null ? [this.#stage(event.stage, event.durationMs)] : [];
      case "waiting":
        return [paint("yellow", `waiting: ${sanitise(event.what)}`)];
      case "job-log":
        return this.#log(event.job, this.#sanitiser(event.job).push(event.data));
      case "job-finished":
        return [...this.#endLog(event.job), `${formatStatus(event.result.status, paint)}  ${event.job}`];
      case "nix-log":
        return [`${paint("dim", "nix │")} ${sanitise(event.line)}`];
      default:
        return [];
    }
  }

  /** What only `--verbose` shows. */
  #details(event: PikaciEvent): readonly string[] {
    const { paint } = this.#options;
    switch (event.type) {
      case "connected":
        return [
          `connected to ${event.host}, work dir ${sanitise(event.workDir)}, Nix ${sanitise(event.nixVersion)}`,
        ];
      case "host-log":
        return [`${paint("dim", `${event.job ?? "host"} host │`)} ${sanitise(event.line)}`];
      case "job-phase":
        return [paint("dim", `${event.job}: ${event.phase}`)];
      default:
        return [];
    }
  }

  #stage(stage: StageName, durationMs: number): string {
    const { paint } = this.#options;
    const took = paint("dim", formatDuration(durationMs).padStart(8));
    return `${paint("green", "✔")} ${stage.padEnd(8)} ${took}  ${sanitise(this.#summary.of(stage))}`.trimEnd();
  }

  #sanitiser(job: JobName): LineSanitiser {
    const known = this.#logs.get(job);
    if (known !== undefined) return known;
    const sanitiser = new LineSanitiser();
    this.#logs.set(job, sanitiser);
    return sanitiser;
  }

  #log(job: JobName, lines: readonly string[]): string[] {
    return lines.map((line) => `${this.#options.paint("cyan", `${job} │`)} ${line}`);
  }

  #endLog(job: JobName): string[] {
    const rest = this.#log(job, this.#logs.get(job)?.end() ?? []);
    this.#logs.delete(job);
    return rest;
  }

  #finished(record: RunRecord, directory: string): string[] {
    const { paint } = this.#options;
    const took = runDuration(record);
    const status = record.status === null ? record.state : formatStatus(record.status, paint);
    return [
      ...[...this.#logs.keys()].flatMap((job) => this.#endLog(job)),
      ...record.jobs.map((job) => formatJob(job, paint)),
      ...(record.error === null ? [] : [formatError(record.error, paint)]),
      `${status}  run ${record.run_id}${took === null ? "" : ` in ${formatDuration(took)}`}`,
      ...this.#lookFurther(record, directory),
    ];
  }

  #lookFurther(record: RunRecord, directory: string): string[] {
    const place = relative(this.#options.cwd, directory) || ".";
    const artifacts = record.jobs
      .filter((job) => job.artifacts.length > 0)
      .map((job) => artifactsLine(job, place));
    const bad = record.jobs.find((job) => ["failed", "timeout", "infra"].includes(job.result?.status ?? ""));
    const job = bad === undefined ? "" : ` --job ${bad.job}`;
    const logs = record.jobs.length === 0 ? "" : `pikaci logs ${record.run_id}${job} · `;
    return [...artifacts, `look further: ${logs}pikaci status ${record.run_id} · ${place}`];
  }

  #line(text: string): void {
    this.#options.write(`${this.#clear()}${text}\n`);
  }

  /** Text that the next one writes over; nothing where that can't be done. */
  #passing(text: string): void {
    if (!this.#options.terminal) return;
    this.#options.write(`${this.#clear()}${this.#options.paint("dim", text)}`);
    this.#transient = true;
  }

  #clear(): string {
    const clear = this.#transient ? "\r\x1b[K" : "";
    this.#transient = false;
    return clear;
  }
}

function artifactsLine({ job, artifacts, artifacts_left_out }: JobRecord, place: string): string {
  const files = artifacts.filter((artifact) => artifact.type !== "directory").length;
  const leftOut = artifacts_left_out.length === 0 ? "" : `, ${artifacts_left_out.length} left out`;
  return `artifacts of ${job}: ${place}/jobs/${job}/artifacts (${plural(files, "file")}${leftOut})`;
}

function passingText(event: PikaciEvent): string | null {
  if (event.type === "stage-started")
    return event.job === null ? `${event.stage} …` : `${event.job}: ${event.stage} …`;
  if (event.type === "upload-progress")
    return `publish … ${formatBytes(event.bytes)} of ${formatBytes(event.totalBytes)}`;
  return null;
}
