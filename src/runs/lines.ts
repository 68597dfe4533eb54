import type { PikaciEvent } from "../core/events.ts";
import type { JobName } from "../core/ids.ts";
import { eventDocument } from "./event-document.ts";

interface LogData {
  /** Null: the run's host log. */
  readonly job: JobName | null;
  readonly file: "hostLog" | "guestLog";
  readonly data: string | Buffer;
}

/** What an event adds to a log file; null for most. */
export function logLine(event: PikaciEvent): LogData | null {
  if (event.type === "job-log") return { job: event.job, file: "guestLog", data: event.data };
  if (event.type === "host-log") return { job: event.job, file: "hostLog", data: `${event.line}\n` };
  if (event.type === "nix-log") return { job: null, file: "hostLog", data: `${nixLine(event)}\n` };
  return null;
}

/** An event as a line of `events.jsonl`: with its time, without log text and without the record. */
export function eventLine(event: PikaciEvent, at: Date): string {
  return `${JSON.stringify(eventDocument(event, at, "outline"))}\n`;
}

function nixLine({ line, builder }: Extract<PikaciEvent, { readonly type: "nix-log" }>): string {
  return builder === undefined ? line : `${builder}> ${line}`;
}
