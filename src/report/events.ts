import { eventDocument } from "../runs/event-document.ts";
import type { Reporter, Sink } from "./reporter.ts";

/** Every event as a line of JSON, docs/events.md. */
export function eventsReporter(sink: Sink, clock: () => Date): Reporter {
  return {
    emit: (event) => sink.write(`${JSON.stringify(eventDocument(event, clock(), "full"))}\n`),
    close: () => [sink.close() ?? []].flat(),
  };
}
