import { once } from "node:events";
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { Context } from "../../core/context.ts";
import { abortError } from "../../core/errors.ts";
import type { HashedEntry, SnapshotEntry } from "../../core/snapshot.ts";
import { startWorker } from "../../system/worker.ts";
import { hashFiles, type Place } from "./hash-files.ts";
import { type HashReply, type HashRequest, packRequest, unpackReply } from "./hash-messages.ts";

type Hashed = readonly (HashedEntry | null)[];

export interface HashOptions {
  /** Threads besides the main one; absent: depends on the amount of work. */
  readonly workers?: number;
  /** As `Snapshot.keepModes`; default false. */
  readonly keepModes?: boolean;
}

/** Hashes entries below `root`, in the order given; null for what is gone. Throws SnapshotRefused. */
export async function hashEntries(
  root: string,
  entries: readonly SnapshotEntry[],
  context: Context,
  options: HashOptions = {},
): Promise<(HashedEntry | null)[]> {
  const batches = makeBatches(entries);
  const workers = Math.min(options.workers ?? workersFor(entries), batches.length);
  const place = { root, keepModes: options.keepModes ?? false };
  const results =
    workers === 0
      ? await hashHere(place, batches, context)
      : await hashInWorkers(place, batches, workers, context);
  return results.flat();
}

/** No workers for what one thread reads before a worker has started: about 10 µs per file and 2 GB/s. */
export function workersFor(
  entries: readonly SnapshotEntry[],
  cores: number = availableParallelism(),
): number {
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  const milliseconds = entries.length * 0.01 + bytes / 2e6;
  return milliseconds < 400 || cores < 2 ? 0 : Math.min(cores, 8);
}

/** Batches of at most 500 entries in a row; a batch ends with the entry that reaches 32 MiB. */
export function makeBatches(entries: readonly SnapshotEntry[]): SnapshotEntry[][] {
  const batches: SnapshotEntry[][] = [];
  let batch: SnapshotEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (batch.length === 0) batches.push(batch);
    batch.push(entry);
    bytes += entry.size;
    if (batch.length < 500 && bytes < 32 << 20) continue;
    batch = [];
    bytes = 0;
  }
  return batches;
}

/** Hashes in this thread; other work of the process goes on between two batches. */
async function hashHere(place: Place, batches: SnapshotEntry[][], context: Context): Promise<Hashed[]> {
  const results: Hashed[] = [];
  for (const batch of batches) {
    if (context.signal.aborted) throw abortError(context.signal);
    results.push(hashFiles(place, batch));
    await setImmediate();
  }
  return results;
}

async function hashInWorkers(
  place: Place,
  batches: SnapshotEntry[][],
  count: number,
  { signal }: Context,
): Promise<Hashed[]> {
  const results: Hashed[] = [];
  const queue = largestFirst(batches);
  const workers = Array.from({ length: count }, () =>
    startWorker(new URL("./hash-worker.ts", import.meta.url)),
  );
  const drive = async (worker: Worker) => {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
      const entries = batches[index] ?? [];
      results[index] = unpackReply(entries, await ask(worker, packRequest(place, entries), signal));
    }
  };
  try {
    await Promise.all(workers.map(drive));
    return results;
  } catch (error) {
    throw signal.aborted ? abortError(signal) : error;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function largestFirst(batches: SnapshotEntry[][]): number[] {
  const bytes = batches.map((batch) => batch.reduce((sum, { size }) => sum + size, 0));
  return [...batches.keys()].sort((a, b) => (bytes[b] ?? 0) - (bytes[a] ?? 0));
}

async function ask(worker: Worker, request: HashRequest, signal: AbortSignal): Promise<HashReply> {
  const answer = once(worker, "message", { signal });
  worker.postMessage(request);
  const [reply]: HashReply[] = await answer;
  if (reply === undefined) throw new Error("a hash worker sent nothing");
  return reply;
}
