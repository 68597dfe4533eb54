import type { InfraError } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";

/** Shows events somewhere. */
export interface Reporter {
  readonly emit: Emit;
  /** Called once, after the last event, on every path: what could not be written. */
  readonly close: () => readonly InfraError[];
}

/** Where a reporter's text goes; what cannot be written is told at the end. */
export interface Sink {
  readonly write: (text: string) => void;
  readonly close: () => InfraError | null;
}

/** Several reporters as one, in this order. */
export function together(reporters: readonly Reporter[]): Reporter {
  return {
    emit: (event) => {
      for (const reporter of reporters) reporter.emit(event);
    },
    close: () => reporters.flatMap((reporter) => reporter.close()),
  };
}
