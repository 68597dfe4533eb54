import { formatDuration } from "../../config/duration.ts";
import type { PikaciEvent, StageName } from "../../core/events.ts";
import type { JobName } from "../../core/ids.ts";

interface Watched {
  readonly phase: string;
  readonly started: number;
  readonly heard: number;
  readonly warned: boolean;
}

interface Told {
  readonly kind: "heartbeat" | "stall";
  readonly text: string;
}

/** CI services end what is silent for long: say what runs, and warn of a job that says nothing. In milliseconds. */
export const HEARTBEAT_MS = 60_000;
export const STALL_MS = 300_000;

/** Watches the jobs that run; knows no clock of its own. */
export class Watch {
  readonly #jobs = new Map<JobName, Watched>();
  #stage: { readonly name: StageName; readonly started: number } | null = null;
  #quietSince = 0;

  note(event: PikaciEvent, now: number): void {
    if (event.type === "run-started") this.#quietSince = now;
    if (event.type === "stage-started" && event.job === null)
      this.#stage = { name: event.stage, started: now };
    if (event.type === "stage-finished" && event.job === null) this.#stage = null;
    if (event.type === "job-phase") {
      const known = this.#jobs.get(event.job);
      this.#jobs.set(event.job, { started: now, warned: false, ...known, phase: event.phase, heard: now });
    }
    if (event.type === "job-log") this.#heard(event.job, now);
    if (event.type === "job-finished") this.#jobs.delete(event.job);
    if (event.type === "run-finished") this.#end();
  }

  /** Something was printed. */
  printed(now: number): void {
    this.#quietSince = now;
  }

  /** What is to be said now. */
  due(now: number): Told[] {
    const stalls = [...this.#jobs].flatMap(([name, job]): Told[] => {
      if (job.warned || now - job.heard < STALL_MS) return [];
      this.#jobs.set(name, { ...job, warned: true });
      const text = `${name} has said nothing for ${formatDuration(now - job.heard)}; its timeout will end it`;
      return [{ kind: "stall", text }];
    });
    const silent = (this.#jobs.size > 0 || this.#stage !== null) && now - this.#quietSince >= HEARTBEAT_MS;
    return silent ? [...stalls, { kind: "heartbeat", text: this.#running(now) }] : stalls;
  }

  #end(): void {
    this.#jobs.clear();
    this.#stage = null;
  }

  #heard(job: JobName, now: number): void {
    const known = this.#jobs.get(job);
    if (known !== undefined) this.#jobs.set(job, { ...known, heard: now, warned: false });
  }

  #running(now: number): string {
    const jobs = [...this.#jobs].map(([name, { phase, started }]) => {
      const how = phase === "running" ? "" : `${phase}, `;
      return `${name} (${how}${formatDuration(now - started)})`;
    });
    const stage =
      this.#stage === null ? [] : [`${this.#stage.name} (${formatDuration(now - this.#stage.started)})`];
    return `still running: ${[...stage, ...jobs].join(", ")}`;
  }
}
