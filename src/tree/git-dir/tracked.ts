import { type BytePath, toPath } from "../../core/byte-path.ts";

/** An entry of the client's index. */
export interface Tracked {
  readonly path: BytePath;
  /** `100644`, `100755`, `120000` or `160000`. */
  readonly mode: string;
  readonly id: string;
  readonly stage: string;
  /** Left out on disk by a sparse checkout. */
  readonly sparse: boolean;
  /** The stat of the file when git last saw it with this content; null when git does not know. */
  readonly stat: IndexStat | null;
}

/** Times in nanoseconds since 1970; inode and size are their lowest 32 bits. */
export interface IndexStat {
  readonly ctimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
  readonly size: bigint;
}

export const trackedStatArgs = ["ls-files", "-z", "-v", "--stage", "--debug"];

const ENTRY = /([A-Za-z?]) ([0-7]{6}) ([0-9a-f]+) ([0-3])\t/y;
const STAT =
  / {2}ctime: (\d+):(\d+)\n {2}mtime: (\d+):(\d+)\n {2}dev: \d+\tino: (\d+)\n {2}uid: \d+\tgid: \d+\n {2}size: (\d+)\tflags: [0-9a-f]+\n/y;

/**
 * Parses `git` + `trackedStatArgs`. Git prints these stats for people; throws when their form is not the one that git has used
 * since 2010, since then they cannot be told from names.
 */
export function parseTracked(output: Buffer): Tracked[] {
  const text = output.toString("latin1");
  const found: Tracked[] = [];
  for (let at = 0; at < text.length; ) {
    const [head, tag = "", mode = "", id = "", stage = ""] = matchAt(ENTRY, text, at);
    const end = text.indexOf("\0", at + head.length);
    const path = toPath(text.slice(at + head.length, end));
    const [tail, ...numbers] = matchAt(STAT, text, end + 1);
    found.push({ path, mode, id, stage, sparse: tag.toLowerCase() === "s", stat: statOf(numbers) });
    at = end + 1 + tail.length;
  }
  return found;
}

function matchAt(pattern: RegExp, text: string, at: number): readonly [string, ...string[]] {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (match === null) throw new Error("git printed its index in an unknown form");
  return [match[0], ...match.slice(1)];
}

const SECOND = 1_000_000_000n;

function statOf(numbers: readonly string[]): IndexStat | null {
  const [cs = 0n, cns = 0n, ms = 0n, mns = 0n, ino = 0n, size = 0n] = numbers.map(BigInt);
  if (cs === 0n && ms === 0n) return null;
  return { ctimeNs: cs * SECOND + cns, mtimeNs: ms * SECOND + mns, ino, size };
}
