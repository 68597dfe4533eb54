import { toPath } from "../../core/byte-path.ts";
import { PikaciError } from "../../core/errors.ts";
import type { EntryType } from "../../core/snapshot.ts";
import { STAT_SIZE } from "../../system/file-stat.ts";
import { inspect } from "../../system/files.ts";

/** Paths to call `lstat` for, in memory that threads share: each thread takes the next `CHUNK` of them until none is left. */
export interface LookTask {
  readonly root: string;
  /** The paths' bytes, one after the other. */
  readonly names: SharedArrayBuffer;
  /** Where each path ends, as 32-bit numbers. */
  readonly ends: SharedArrayBuffer;
  /** Two 32-bit numbers: the first path that no thread has taken, and how many are done. */
  readonly progress: SharedArrayBuffer;
  /** An index into `foundTypes` per path. */
  readonly types: SharedArrayBuffer;
  /** A packed stat (src/system/file-stat.ts) per path. */
  readonly stats: SharedArrayBuffer;
}

type FoundType = EntryType | "special" | "absent" | "unreadable";

/** `absent`: nothing is there; `unreadable`: `lstat` failed. */
export const foundTypes: readonly FoundType[] = [
  "absent",
  "unreadable",
  "file",
  "executable",
  "symlink",
  "directory",
  "special",
];

/** How many paths a thread takes at once: some milliseconds of work. */
const CHUNK = 500;

/** A thread's part of a task: a function that handles one chunk and returns false when none was left. */
export function lookingAt(task: LookTask): () => boolean {
  const ends = new Uint32Array(task.ends);
  const progress = new Int32Array(task.progress);
  const names = Buffer.from(task.names);
  const types = new Uint8Array(task.types);
  const stats = Buffer.from(task.stats);
  const endOf = (index: number) => (index < 0 ? 0 : (ends[index] ?? 0));
  return () => {
    const from = Atomics.add(progress, 0, CHUNK);
    if (from >= ends.length) return false;
    const to = Math.min(from + CHUNK, ends.length);
    for (let index = from; index < to; index += 1) {
      const path = toPath(names.toString("latin1", endOf(index - 1), endOf(index)));
      const { type, stat } = look(task.root, path);
      types[index] = foundTypes.indexOf(type);
      stats.write(stat, index * STAT_SIZE, "latin1");
    }
    Atomics.add(progress, 1, to - from);
    return true;
  };
}

const nothing = { type: "absent", stat: "" } as const;

function look(
  root: string,
  path: ReturnType<typeof toPath>,
): { readonly type: FoundType; readonly stat: string } {
  try {
    return inspect(root, path) ?? nothing;
  } catch (error) {
    if (error instanceof PikaciError) return { type: "unreadable", stat: "" };
    throw error;
  }
}
