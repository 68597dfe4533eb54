import type { Emit, PikaciEvent } from "../core/events.ts";
import type { JobName } from "../core/ids.ts";
import type { Mask, StreamMask } from "./mask.ts";

/** Passes events on with every secret masked, logs piece by piece; `end` passes on what was held back. */
export class MaskedEvents {
  readonly #mask: Mask;
  readonly #emit: Emit;
  readonly #logs = new Map<JobName, StreamMask>();

  constructor(mask: Mask, emit: Emit) {
    this.#mask = mask;
    this.#emit = emit;
  }

  emit(event: PikaciEvent): void {
    if (this.#mask.isEmpty) this.#emit(event);
    else if (event.type === "job-log") this.#log(event.job, this.#stream(event.job).push(event.data));
    else {
      if (event.type === "job-finished") this.#endLog(event.job);
      this.#emit(this.#mask.document(event));
    }
  }

  end(): void {
    for (const job of [...this.#logs.keys()]) this.#endLog(job);
  }

  #stream(job: JobName): StreamMask {
    const stream = this.#logs.get(job) ?? this.#mask.stream();
    this.#logs.set(job, stream);
    return stream;
  }

  #endLog(job: JobName): void {
    const rest = this.#logs.get(job)?.end();
    this.#logs.delete(job);
    if (rest !== undefined) this.#log(job, rest);
  }

  #log(job: JobName, data: Buffer): void {
    if (data.length > 0) this.#emit({ type: "job-log", job, data });
  }
}
