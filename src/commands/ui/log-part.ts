import { ansiPieces } from "../../report/html/ansi.ts";
import { readSlice } from "../../system/artifact-files.ts";

/** Bytes of one answer, and how far from the end the first one begins. */
const MOST_BYTES = 256 * 1024;

interface LogPart {
  /** Lines of pieces with their classes; texts are without escapes. */
  readonly lines: ReturnType<typeof ansiPieces>;
  /** The byte that these lines begin with, the one to go on from, and how many there are to go on to. */
  readonly from: number;
  readonly next: number;
  readonly size: number;
}

/**
 * The lines of a log from a byte on, or its last ones (null). A line that is still being written is left for later, unless the
 * log has ended or the line is longer than an answer.
 */
export function logPart(path: string, from: number | null, isEnded: boolean): LogPart {
  const slice = readSlice(path, from ?? ((size) => Math.max(0, size - MOST_BYTES)), MOST_BYTES);
  if (slice === null) return { lines: [], from: 0, next: 0, size: 0 };
  const { bytes, size } = slice;
  const skipped = from === null && slice.from > 0 ? bytes.indexOf(0x0a) + 1 : 0;
  const isLast = slice.from + bytes.length === size;
  const newline = bytes.lastIndexOf(0x0a) + 1;
  const end =
    (isLast && isEnded) || (newline <= skipped && bytes.length === MOST_BYTES) ? bytes.length : newline;
  const used = bytes.subarray(skipped, Math.max(skipped, end));
  const next = slice.from + Math.max(skipped, end);
  return {
    lines: used.length === 0 ? [] : ansiPieces(used.toString("utf8")),
    from: slice.from + skipped,
    next,
    size: isLast ? next : size,
  };
}
