import pLimit from "p-limit";
import type { Suite } from "./suite.ts";

const MOST = 8;
/** Each lane may hold two hosts of the lab in memory, with a virtual machine of 512 MiB each. */
const BYTES_EACH = 2 ** 30;

/**
 * How many suites run side by side on a machine with `bytes` of memory: three per core, because a suite waits for more
 * than half of its time.
 */
export function laneCount(cores: number, bytes: number): number {
  return Math.max(1, Math.min(MOST, 3 * cores, Math.floor(bytes / BYTES_EACH)));
}

/** The longest first, so that no long one is left for the end; those that say `alone` come after all others. */
export function inTurn(suites: readonly Suite[]): { readonly together: Suite[]; readonly alone: Suite[] } {
  const longestFirst = [...suites].sort((one, other) => other.timeLimit - one.timeLimit);
  return {
    together: longestFirst.filter(({ alone }) => !alone),
    alone: longestFirst.filter(({ alone }) => alone),
  };
}

/** Runs the suites in `lanes` lanes, then those that measure, one at a time and with nothing beside them. */
export async function runInLanes<T>(
  lanes: number,
  suites: readonly Suite[],
  run: (suite: Suite) => Promise<T>,
): Promise<T[]> {
  const { together, alone } = inTurn(suites);
  const limit = pLimit(lanes);
  const results = await Promise.all(together.map((suite) => limit(() => run(suite))));
  for (const suite of alone) results.push(await run(suite));
  return results;
}
