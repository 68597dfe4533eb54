import type { BytePath } from "../../core/byte-path.ts";

/** Milliseconds without an event after which a burst is over. An editor that saves by renaming makes its events within one. */
const QUIET_MS = 30;
/** A burst is over after this long even if events go on, so that a build or a checkout does not keep a watch waiting. */
const LONGEST_MS = 1_000;

/** Events of the file system that belong together. Times are in milliseconds. */
export interface Burst {
  readonly began: number;
  readonly latest: number;
  readonly events: number;
  /** Names that appeared or vanished, and may be directories. */
  readonly moved: ReadonlySet<BytePath>;
  /** What git ignores may have changed. */
  readonly rules: boolean;
}

/** What one event says. */
export interface FileEvent {
  /** The name that appeared or vanished; null when something was written only. */
  readonly moved: BytePath | null;
  /** It is a file that says what git ignores. */
  readonly rules: boolean;
}

/** One more event; `burst` is null for the first. */
export function withEvent(burst: Burst | null, { moved, rules }: FileEvent, now: number): Burst {
  const before = burst ?? { began: now, latest: now, events: 0, moved: new Set<BytePath>(), rules: false };
  return {
    began: before.began,
    latest: now,
    events: before.events + 1,
    moved: moved === null || before.moved.has(moved) ? before.moved : new Set([...before.moved, moved]),
    rules: before.rules || rules,
  };
}

/** When a burst is over if nothing more happens. */
export function endOf({ began, latest }: Burst): number {
  return Math.min(latest + QUIET_MS, began + LONGEST_MS);
}

/**
 * Whether every directory has to be looked at again, not only those that events named. Node does not tell that the kernel's
 * queue was full and events were dropped, so any burst that is a good part of a queue counts as one.
 */
export function isStorm({ events, rules }: Burst, queue: number): boolean {
  return rules || events >= Math.min(1_000, queue / 8);
}
