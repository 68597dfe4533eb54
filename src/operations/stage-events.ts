import type { Context } from "../core/context.ts";
import { abortError } from "../core/errors.ts";
import type { StageName } from "../core/events.ts";
import type { JobName } from "../core/ids.ts";

type Stage = <T>(name: StageName, work: () => Promise<T>) => Promise<T>;

/** Emits a stage's events before and after its work, and stops between stages when the user asked to. */
export function stages({ emit, signal, clock }: Context, job: JobName | null = null): Stage {
  return async (stage, work) => {
    if (signal.aborted && stage !== "collect") throw abortError(signal);
    const started = clock().getTime();
    emit({ type: "stage-started", stage, job });
    const output = await work();
    emit({ type: "stage-finished", stage, job, durationMs: clock().getTime() - started });
    return output;
  };
}
