import type { Context } from "../../core/context.ts";
import type { InfraError } from "../../core/errors.ts";

/** Warns when what is known of unchanged files could not be written. */
export function warnOfMemory(error: InfraError | null, { emit }: Pick<Context, "emit">): void {
  if (error === null) return;
  emit({
    type: "warning",
    message: `unchanged files will be read again: ${error.message}`,
    hint: error.hint ?? null,
  });
}
