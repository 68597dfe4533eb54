import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

const TICK_MS = 100;

/**
 * The part of a core that each of the processes that want one has now, at most 1. `loadavg` is /proc/loadavg, whose
 * fourth field begins with how many want one.
 */
export function shareOfCore(loadavg: string, cores: number): number {
  const wanting = Number(/^(?:\S+ ){3}(\d+)\//.exec(loadavg)?.[1] ?? 1);
  return Math.min(1, cores / Math.max(1, wanting));
}

let counted = 0;
let last: number | null = null;

/**
 * Seconds of a machine with nothing beside, since some moment: while ten processes want each of its cores, a second
 * counts for a tenth. A limit on this clock says how much may be done until then, so a busy machine passes it.
 */
export function quietSeconds(): number {
  const now = performance.now();
  if (last === null) setInterval(quietSeconds, TICK_MS).unref();
  else counted += ((now - last) / 1000) * shareNow();
  last = now;
  return counted;
}

/** 1 where there is no /proc. */
function shareNow(): number {
  try {
    return shareOfCore(readFileSync("/proc/loadavg", "utf8"), availableParallelism());
  } catch {
    return 1;
  }
}

/** Tells whether more than `seconds` of a quiet machine have passed since now. */
export function quietLimit(seconds: number): () => boolean {
  const end = quietSeconds() + seconds;
  return () => quietSeconds() > end;
}
