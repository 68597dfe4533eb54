import { PikaciError } from "../core/errors.ts";

/** What ends together is not seen to end together. */
const MOMENT_MS = 2_000;

/** The error that something closes with; `closed` when without one, `open` when not within a moment. */
export async function ending(closed: Promise<unknown>): Promise<PikaciError | "closed" | "open"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = new Promise<"open">((resolve) => {
    timer = setTimeout(() => resolve("open"), MOMENT_MS);
  });
  const ended = closed.then(
    () => "closed" as const,
    (error: unknown) => (error instanceof PikaciError ? error : "closed"),
  );
  try {
    return await Promise.race([ended, later]);
  } finally {
    clearTimeout(timer);
  }
}
