import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { BytePath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { abortError } from "../../core/errors.ts";
import type { EntryType } from "../../core/snapshot.ts";
import { STAT_SIZE } from "../../system/file-stat.ts";
import { inspect } from "../../system/files.ts";
import { startWorker } from "../../system/worker.ts";
import { foundTypes, type LookTask, lookingAt } from "./look-task.ts";

/** What is at a path. */
export interface Found {
  readonly path: BytePath;
  readonly type: EntryType | "special";
  /** As `SnapshotEntry.size`. */
  readonly size: number;
  /** As `SnapshotEntry.stat`. */
  readonly stat: string;
}

/** With fewer paths than this, one thread is done before a second one has started. */
const WORTH_A_WORKER = 20_000;

interface LookOptions {
  /** Threads besides the main one; absent: depends on the number of paths. */
  readonly workers?: number;
}

/** Returns what was found at the paths that count, in the given order, without those that are gone. Throws SnapshotRefused. */
export type Looked = (counts: (path: BytePath) => boolean) => Found[];

/** Calls `lstat` once per path, in several threads. */
export async function lookAll(
  root: string,
  paths: readonly BytePath[],
  context: Context,
  options: LookOptions = {},
): Promise<Looked> {
  const task = makeTask(root, paths);
  const workers = Array.from({ length: options.workers ?? helpersFor(paths.length) }, () =>
    startWorker(new URL("./look-worker.ts", import.meta.url), task),
  );
  try {
    await Promise.race([finish(task, paths.length, context), ...workers.map(failure)]);
  } finally {
    for (const worker of workers) void worker.terminate();
  }
  return (counts) => collect(root, paths, task, counts);
}

function helpersFor(count: number): number {
  return count < WORTH_A_WORKER ? 0 : Math.min(availableParallelism(), 8) - 1;
}

/** Does this thread's share, lets other work of the process go on between two chunks, and waits for the other threads. */
async function finish(task: LookTask, count: number, { signal }: Context): Promise<void> {
  const progress = new Int32Array(task.progress);
  const lookOn = lookingAt(task);
  while (lookOn() || Atomics.load(progress, 1) < count) {
    if (signal.aborted) throw abortError(signal);
    await setImmediate();
  }
}

function failure(worker: Worker): Promise<never> {
  return new Promise((_, reject) => worker.once("error", reject));
}

function makeTask(root: string, paths: readonly BytePath[]): LookTask {
  const names = Buffer.from(paths.join(""), "latin1");
  const ends = new Uint32Array(new SharedArrayBuffer(paths.length * 4));
  let end = 0;
  paths.forEach((path, index) => {
    end += path.length;
    ends[index] = end;
  });
  const shared = new SharedArrayBuffer(names.length);
  names.copy(Buffer.from(shared));
  return {
    root,
    names: shared,
    ends: ends.buffer,
    progress: new SharedArrayBuffer(8),
    types: new SharedArrayBuffer(paths.length),
    stats: new SharedArrayBuffer(paths.length * STAT_SIZE),
  };
}

function collect(
  root: string,
  paths: readonly BytePath[],
  task: LookTask,
  counts: (path: BytePath) => boolean,
): Found[] {
  const types = new Uint8Array(task.types);
  const words = new BigInt64Array(task.stats);
  const stats = Buffer.from(task.stats).toString("latin1");
  const found: Found[] = [];
  paths.forEach((path, index) => {
    const type = foundTypes[types[index] ?? 0] ?? "absent";
    if (type === "absent" || !counts(path)) return;
    if (type === "unreadable") {
      const now = inspect(root, path);
      if (now !== null) found.push({ path, ...now });
      return;
    }
    const size = type === "directory" ? 0 : Number(words[index * (STAT_SIZE / 8) + 2]);
    found.push({ path, type, size, stat: stats.slice(index * STAT_SIZE, (index + 1) * STAT_SIZE) });
  });
  return found;
}
