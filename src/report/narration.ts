import { relative } from "node:path";
import { formatDuration } from "../config/duration.ts";
import type { PikaciEvent } from "../core/events.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import { posixQuote } from "../system/quote.ts";
import { formatError, formatStatus, formatWarning, plural, runDuration } from "./format.ts";
import { describeCache } from "./job-caches.ts";
import { sanitise } from "./sanitise.ts";
import { ServiceTails } from "./service-tails.ts";
import { StageSummary } from "./stage-summary.ts";
import type { Paint } from "./style.ts";

export type Verbosity = "quiet" | "normal" | "verbose";

export interface NarrationOptions {
  readonly paint: Paint;
  readonly verbosity: Verbosity;
  /** Directories are shown relative to it. */
  readonly cwd: string;
}

/** What every renderer for people says of a run, line by line, beside its jobs and their logs. */
export class Narration {
  readonly #options: NarrationOptions;
  readonly #summary = new StageSummary();
  readonly #services = new ServiceTails();

  constructor(options: NarrationOptions) {
    this.#options = options;
  }

  /** Every event must come by here, in order. */
  of(event: PikaciEvent): readonly string[] {
    this.#summary.note(event);
    const { verbosity, paint } = this.#options;
    const services = this.#services.of(event, (text) => paint("cyan", text));
    if (event.type === "warning") return [formatWarning(event, paint)];
    if (verbosity === "quiet") return [];
    return [...services, ...this.#progress(event), ...(verbosity === "verbose" ? this.#details(event) : [])];
  }

  #progress(event: PikaciEvent): readonly string[] {
    const { paint } = this.#options;
    switch (event.type) {
      case "run-started":
        return [
          `${paint("bold", `run ${event.runId}`)} of ${event.target ?? "jobs"} on ${event.host}: ${event.jobs.join(", ") || "nothing to run"}`,
        ];
      case "stage-finished":
        return event.job === null ? [this.#stage(event)] : [];
      case "job-cache":
        return [paint("dim", sanitise(`${event.job}: ${describeCache(event.cache, event)}`))];
      case "waiting":
        return [paint("yellow", `waiting: ${sanitise(event.what)}`)];
      case "job-kept":
        return [`${event.job} is kept until ${event.until}: pikaci shell ${event.job} --run ${event.runId}`];
      case "nix-log":
        return [`${paint("dim", `${sanitise(event.builder ?? "nix")} │`)} ${sanitise(event.line)}`];
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

  #stage({ stage, durationMs }: Extract<PikaciEvent, { type: "stage-finished" }>): string {
    const { paint } = this.#options;
    const took = paint("dim", formatDuration(durationMs).padStart(8));
    return `${paint("green", "✔")} ${stage.padEnd(8)} ${took}  ${sanitise(this.#summary.of(stage))}`.trimEnd();
  }

  /** The end of a run: its error, its verdict, and where to look further. */
  end(record: RunRecord, directory: string): readonly string[] {
    const { paint, cwd } = this.#options;
    const took = runDuration(record);
    const status = record.status === null ? record.state : formatStatus(record.status, paint);
    return [
      ...(record.error === null ? [] : [formatError(record.error, paint)]),
      `${status}  run ${record.run_id}${took === null ? "" : ` in ${formatDuration(took)}`}`,
      ...flakyLine(record, paint),
      ...lookFurther(record, relative(cwd, directory) || "."),
    ];
  }
}

/** How many jobs are flaky, also where the run's verdict is another. */
function flakyLine({ jobs }: RunRecord, paint: Paint): string[] {
  const flaky = jobs.filter(({ result }) => result?.status === "flaky").map(({ job }) => job);
  return flaky.length === 0
    ? []
    : [paint("yellow", `${plural(flaky.length, "flaky job")}: ${flaky.join(", ")}`)];
}

function lookFurther(record: RunRecord, place: string): string[] {
  const artifacts = record.jobs
    .filter((job) => job.artifacts.length > 0)
    .map((job) => artifactsLine(job, place));
  return [...artifacts, `look further: ${logsCommand(record)}pikaci status ${record.run_id} · ${place}`];
}

/** The command that shows the log of what went wrong; none where nothing reached the host, so nothing was logged. */
function logsCommand({ run_id, snapshot, jobs }: RunRecord): string {
  const bad = jobs.find((job) => ["failed", "timeout", "infra"].includes(job.result?.status ?? ""));
  const unstarted = bad?.result?.status === "infra" && bad.result.started_at === null;
  if (jobs.length === 0 || (unstarted && snapshot?.outcome === null)) return "";
  const words = [
    run_id,
    ...(bad === undefined ? [] : ["--job", posixQuote(bad.job)]),
    ...(unstarted ? ["--kind both"] : []),
  ];
  return `pikaci logs ${words.join(" ")} · `;
}

function artifactsLine({ job, artifacts, artifacts_left_out }: JobRecord, place: string): string {
  const files = artifacts.filter((artifact) => artifact.type !== "directory").length;
  const leftOut = artifacts_left_out.length === 0 ? "" : `, ${artifacts_left_out.length} left out`;
  return `artifacts of ${job}: ${place}/jobs/${job}/artifacts (${plural(files, "file")}${leftOut})`;
}
