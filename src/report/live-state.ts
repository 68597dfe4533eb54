import { formatDuration } from "../config/duration.ts";
import type { PikaciEvent, StageName } from "../core/events.ts";
import type { HostUrl, JobName } from "../core/ids.ts";
import { formatBytes, plural } from "./format.ts";
import { formatNixProgress } from "./nix-progress.ts";
import { sanitise } from "./sanitise.ts";
import type { Paint } from "./style.ts";

/** How long each job took lately, in milliseconds. */
export type Expected = ReadonlyMap<string, number>;

interface JobLine {
  readonly phase: string;
  readonly started: number;
  readonly said: string | null;
  /** In front of the phase, from the second attempt on. */
  readonly attempt: string;
}

interface Upload {
  readonly started: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** UTF-16 units of a text that is drawn, more than a terminal shows in a row: every draw measures each of them. */
const KEPT = 512;
const FRAMES = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];
const FRAME_MS = 100;

/** What is under way in a run, as the lines of a live region. Times are in milliseconds. */
export class LiveState {
  readonly #expected: Expected;
  #started: number | null = null;
  #host: HostUrl | null = null;
  #wanted = 0;
  #done = 0;
  #stage: { readonly name: StageName; readonly started: number } | null = null;
  #upload: Upload | null = null;
  #nix: string | null = null;
  #jobs = new Map<JobName, JobLine>();

  constructor(expected: Expected) {
    this.#expected = expected;
  }

  note(event: PikaciEvent, now: number): void {
    switch (event.type) {
      case "run-started":
        this.#host = event.host;
        this.#wanted = event.jobs.length;
        this.#started = now;
        return;
      case "stage-started":
        if (event.job === null) this.#stage = { name: event.stage, started: now };
        return;
      case "stage-finished":
        if (event.job === null) this.#stage = null;
        if (event.stage === "publish") this.#upload = null;
        this.#nix = null;
        return;
      case "upload-progress":
        this.#upload = { ...event, started: this.#upload?.started ?? now };
        return;
      case "nix-progress":
        this.#nix = beginning(formatNixProgress(event));
        return;
      case "job-phase":
        this.#jobs.set(event.job, {
          started: now,
          said: null,
          attempt: "",
          ...this.#jobs.get(event.job),
          phase: event.phase,
        });
        return;
      case "job-attempt": {
        const known = this.#jobs.get(event.job);
        const attempt = `attempt ${event.attempt} of ${event.of}, `;
        if (known !== undefined) this.#jobs.set(event.job, { ...known, started: now, said: null, attempt });
        return;
      }
      case "job-finished":
        this.#done += this.#jobs.delete(event.job) ? 1 : 0;
        return;
      case "run-finished":
        this.#jobs.clear();
        this.#stage = null;
        this.#started = null;
        return;
      default:
        return;
    }
  }

  /** The latest line of a job's log. */
  said(job: JobName, line: string): void {
    const known = this.#jobs.get(job);
    if (known !== undefined) this.#jobs.set(job, { ...known, said: beginning(line) });
  }

  /** At most `rows` lines; empty when nothing is under way. */
  lines(now: number, rows: number, paint: Paint): string[] {
    const spinner = paint("cyan", FRAMES[Math.floor(now / FRAME_MS) % FRAMES.length] ?? "");
    const stage = this.#stageLine(now, spinner);
    const jobs = [...this.#jobs].map((job) => this.#jobLine(job, now, spinner, paint));
    const total = this.#totalLine(now, paint);
    const room = Math.max(1, rows - stage.length - total.length);
    const more = jobs.length - room;
    const shown =
      more > 0 ? [...jobs.slice(0, room - 1), paint("dim", `  and ${plural(more + 1, "more job")}`)] : jobs;
    return [...stage, ...shown, ...total].slice(0, rows);
  }

  #stageLine(now: number, spinner: string): string[] {
    if (this.#stage === null) return this.#nix === null ? [] : [`${spinner} ${this.#nix}`];
    const { name, started } = this.#stage;
    const upload = this.#upload === null ? "" : `  ${uploadText(this.#upload, now)}`;
    const nix = this.#nix === null ? "" : `  ${this.#nix}`;
    return [`${spinner} ${name.padEnd(8)} ${formatSeconds(now - started)}${upload}${nix}`];
  }

  #jobLine([name, job]: readonly [JobName, JobLine], now: number, spinner: string, paint: Paint): string {
    const expected = this.#expected.get(name);
    const about = expected === undefined ? "" : ` of about ${formatSeconds(expected)}`;
    const said = job.said === null ? "" : paint("dim", ` │ ${job.said}`);
    return `${spinner} ${name}  ${job.attempt}${job.phase} ${formatSeconds(now - job.started)}${about}${said}`;
  }

  #totalLine(now: number, paint: Paint): string[] {
    if (this.#started === null) return [];
    const left = this.#leftMs(now);
    const eta = left === null ? "" : `, about ${formatSeconds(left)} left`;
    const host = this.#host === null ? "" : ` on ${sanitise(this.#host)}`;
    const text = `${this.#done} of ${plural(this.#wanted, "job")} done${host}, ${formatSeconds(now - this.#started)}${eta}`;
    return [paint("dim", `  ${text}`)];
  }

  /** What the longest running job still needs, if that is known of all that run and none is late. */
  #leftMs(now: number): number | null {
    if (this.#jobs.size === 0 || this.#done + this.#jobs.size < this.#wanted) return null;
    const left = [...this.#jobs].map(([name, { started }]) => {
      const expected = this.#expected.get(name);
      return expected === undefined ? Number.NaN : expected - (now - started);
    });
    const longest = Math.max(...left);
    return longest > 0 ? longest : null;
  }
}

/** What of a text may be seen; a pair of surrogates stays whole. */
function beginning(text: string): string {
  return text.length <= KEPT ? text : text.slice(0, KEPT).replace(/[\ud800-\udbff]$/, "");
}

function uploadText({ started, bytes, totalBytes }: Upload, now: number): string {
  const seconds = (now - started) / 1000;
  const share = totalBytes === 0 ? 100 : Math.floor((100 * bytes) / totalBytes);
  const sent = `${formatBytes(bytes)} of ${formatBytes(totalBytes)} (${share} %)`;
  if (seconds < 1 || bytes === 0) return sent;
  const rate = bytes / seconds;
  return `${sent}, ${formatBytes(Math.round(rate))}/s, about ${formatSeconds((1000 * (totalBytes - bytes)) / rate)} left`;
}

/** Whole seconds: a live line must not tremble. */
function formatSeconds(ms: number): string {
  return formatDuration(Math.max(0, Math.floor(ms / 1000)) * 1000).replace(/^0 ms$/, "0 s");
}
