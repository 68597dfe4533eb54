import type { Emit, PikaciEvent } from "../core/events.ts";
import type { Mask, StreamMask } from "./mask.ts";

type LogEvent = Extract<PikaciEvent, { readonly data: Buffer }>;
/** Which log it is: a job's or a service's. */
type LogOf =
  | Omit<Extract<LogEvent, { readonly type: "job-log" }>, "data">
  | Omit<Extract<LogEvent, { readonly type: "service-log" }>, "data">;
type OpenLog = LogOf & { readonly stream: StreamMask };

/** Passes events on with every secret masked, logs piece by piece; `end` passes on what was held back. */
export class MaskedEvents {
  readonly #mask: Mask;
  readonly #emit: Emit;
  readonly #logs = new Map<string, OpenLog>();

  constructor(mask: Mask, emit: Emit) {
    this.#mask = mask;
    this.#emit = emit;
  }

  emit(event: PikaciEvent): void {
    if (this.#mask.isEmpty) this.#emit(event);
    else if (event.type === "job-log" || event.type === "service-log") this.#push(event);
    else {
      if (event.type === "job-finished") this.#endLogs((log) => log.job === event.job);
      if (event.type === "job-attempt")
        this.#endLogs((log) => log.job === event.job && log.type === "job-log");
      this.#emit(this.#mask.document(event));
    }
  }

  end(): void {
    this.#endLogs(() => true);
  }

  #push({ data, ...log }: LogEvent): void {
    const key = JSON.stringify(log);
    const open = this.#logs.get(key) ?? { ...log, stream: this.#mask.stream() };
    this.#logs.set(key, open);
    this.#show(log, open.stream.push(data));
  }

  #endLogs(wanted: (log: OpenLog) => boolean): void {
    for (const [key, log] of this.#logs) {
      if (!wanted(log)) continue;
      this.#logs.delete(key);
      const { stream, ...rest } = log;
      this.#show(rest, stream.end());
    }
  }

  #show(log: LogOf, data: Buffer): void {
    if (data.length > 0) this.#emit({ ...log, data });
  }
}
