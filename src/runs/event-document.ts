import type { PikaciEvent } from "../core/events.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";

/** How much of an event its document has: `outline` lacks log text and the record, which have files of their own. */
type Detail = "outline" | "full";

/** An event as a JSON document, docs/events.md: with its time, and with field names as in pikaci's other documents. */
export function eventDocument(event: PikaciEvent, at: Date, detail: Detail): object {
  const { type, ...rest } = detail === "outline" ? outline(event) : full(event);
  return { schema_version: SCHEMA_VERSION, at: at.toISOString(), type, ...snakeKeys(rest) };
}

type Typed = { readonly type: string } & Readonly<Record<string, unknown>>;

function outline(event: PikaciEvent): Typed {
  if (isLog(event)) return logOutline(event);
  if (event.type === "run-finished")
    return { type: event.type, status: event.record.status, exitCode: event.record.exit_code };
  return event;
}

function full(event: PikaciEvent): Typed {
  return isLog(event) ? { ...logOutline(event), ...bodyOf(event.data) } : event;
}

type LogEvent = Extract<PikaciEvent, { readonly data: Buffer }>;

function isLog(event: PikaciEvent): event is LogEvent {
  return event.type === "job-log" || event.type === "service-log";
}

function logOutline({ data, ...rest }: LogEvent): Typed {
  return { ...rest, bytes: data.length };
}

/** Log bytes without loss: as text where they are valid UTF-8, else as base64. */
function bodyOf(data: Buffer): { readonly text: string } | { readonly base64: string } {
  const text = data.toString("utf8");
  return Buffer.from(text, "utf8").equals(data) ? { text } : { base64: data.toString("base64") };
}

function snakeKeys(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [snakeCase(key), snakeValue(inner)]));
}

function snakeValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeValue);
  return typeof value === "object" && value !== null ? nested(value) : value;
}

/** The record's own names are such already, but for names of outputs and files, which are data. */
function nested(value: object): object {
  return "schema_version" in value ? value : snakeKeys(value);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
