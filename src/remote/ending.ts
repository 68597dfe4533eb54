import { PikaciError } from "../core/errors.ts";

/** Things that end together are seen to end at slightly different times. */
const MOMENT_MS = 2_000;

/**
 * The error that something closes with; `closed` when it closes without one; `open` when it has not closed after a moment and
 * `isThere` says that it still exists. Waits for something that is gone but slow to close.
 */
export async function ending(
  closed: Promise<unknown>,
  isThere: () => Promise<boolean>,
): Promise<PikaciError | "closed" | "open"> {
  const ended = closed.then(
    () => "closed" as const,
    (error: unknown) => (error instanceof PikaciError ? error : "closed"),
  );
  return Promise.race([ended, afterMoment(ended, isThere)]);
}

async function afterMoment<T>(ended: Promise<T>, isThere: () => Promise<boolean>): Promise<T | "open"> {
  let timer: NodeJS.Timeout | undefined;
  const moment = new Promise((resolve) => {
    timer = setTimeout(resolve, MOMENT_MS);
  });
  await Promise.race([ended, moment]);
  clearTimeout(timer);
  return (await Promise.race([ended, isThere().then((there) => (there ? "open" : "gone"))])) === "open"
    ? "open"
    : ended;
}
