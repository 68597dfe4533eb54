import type { PikaciEvent } from "../core/events.ts";
import type { Status } from "../core/job-result.ts";
import { LogTail } from "./log-tail.ts";
import { LineSanitiser } from "./sanitise.ts";

/** Lines of a service's log that are shown when its job did not pass. */
const LINES = 10;

const BAD: ReadonlySet<Status> = new Set(["failed", "timeout", "infra"]);

interface Tail {
  readonly job: string;
  readonly service: string;
  readonly lines: LogTail;
  readonly sanitiser: LineSanitiser;
}

/** The ends of services' logs, safe to show, for jobs that do not pass. */
export class ServiceTails {
  #tails: Tail[] = [];

  /** Lines `job/service │ …` when a job has failed; none for other events. */
  of(event: PikaciEvent, label: (text: string) => string): string[] {
    if (event.type === "service-log") this.#push(event);
    if (event.type !== "job-finished") return [];
    const ended = this.#tails.filter(({ job }) => job === event.job);
    this.#tails = this.#tails.filter(({ job }) => job !== event.job);
    if (!BAD.has(event.result.status)) return [];
    return ended.flatMap(({ job, service, lines, sanitiser }) => {
      lines.push(sanitiser.end());
      return lines.lines().map((line) => `${label(`${job}/${service} │`)} ${line}`);
    });
  }

  #push({ job, service, data }: Extract<PikaciEvent, { readonly type: "service-log" }>): void {
    let tail = this.#tails.find((one) => one.job === job && one.service === service);
    if (tail === undefined) {
      tail = { job, service, lines: new LogTail(LINES), sanitiser: new LineSanitiser() };
      this.#tails.push(tail);
    }
    tail.lines.push(tail.sanitiser.push(data));
  }
}
