import type { PikaciEvent } from "../core/events.ts";
import type { JobName } from "../core/ids.ts";
import { eventDocument } from "./event-document.ts";
import { jobFile, runFile } from "./layout.ts";

interface LogData {
  readonly path: string;
  readonly data: string | Buffer;
}

/** What events add to log files of a run. */
export class LogLines {
  /** Jobs whose log ends within a line. */
  readonly #open = new Set<JobName>();

  /** Null for most events; all must come by here, in order. */
  of(event: PikaciEvent, directory: string): LogData | null {
    if (event.type === "job-log") {
      if (event.data.at(-1) === NEWLINE) this.#open.delete(event.job);
      else if (event.data.length > 0) this.#open.add(event.job);
    }
    if (event.type !== "job-attempt") return logLine(event, directory);
    const { job, attempt, of, reason } = event;
    const begin = this.#open.delete(job) ? "\n" : "";
    return {
      path: jobFile.guestLog(runFile.job(directory, job)),
      data: `${begin}── attempt ${attempt} of ${of}; the one before: ${reason} ──\n`,
    };
  }
}

const NEWLINE = 10;

function logLine(event: PikaciEvent, directory: string): LogData | null {
  switch (event.type) {
    case "job-log":
      return { path: jobFile.guestLog(runFile.job(directory, event.job)), data: event.data };
    case "service-log":
      return {
        path: jobFile.serviceLog(runFile.job(directory, event.job), event.service),
        data: event.data,
      };
    case "host-log": {
      const path =
        event.job === null ? runFile.hostLog(directory) : jobFile.hostLog(runFile.job(directory, event.job));
      return { path, data: `${event.line}\n` };
    }
    case "nix-log":
      return { path: runFile.hostLog(directory), data: `${nixLine(event)}\n` };
    default:
      return null;
  }
}

/** An event as a line of `events.jsonl`: with its time, without log text and without the record. */
export function eventLine(event: PikaciEvent, at: Date): string {
  return `${JSON.stringify(eventDocument(event, at, "outline"))}\n`;
}

function nixLine({ line, builder }: Extract<PikaciEvent, { readonly type: "nix-log" }>): string {
  return builder === undefined ? line : `${builder}> ${line}`;
}
