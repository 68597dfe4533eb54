/** The shortest run that counts, in bytes. */
export const MIN_RUN = 20;

/** The fewest capitals and digits that it must have: words have few, random text has many. */
export const MIN_MARKS = 5;

const OTHER = 1;
const MARK = 2;
const kinds = new Uint8Array(256);
for (const byte of Buffer.from("abcdefghijklmnopqrstuvwxyz_-")) kinds[byte] = OTHER;
for (const byte of Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")) kinds[byte] = MARK;

const NONE: readonly number[] = [];

/**
 * All runs of letters, digits, `_` and `-` in the first `length` bytes that could be a token or a key, as start, end, start,
 * end… Reads backwards from where such a run would have its `MIN_RUN`th byte, so most bytes are never read.
 */
export function longRuns(bytes: Uint8Array, length = bytes.length): readonly number[] {
  let runs: number[] | null = null;
  for (let at = MIN_RUN - 1; at < length; ) {
    let gap = at;
    while (gap >= 0 && kind(bytes, gap) !== 0) gap -= 1;
    if (at - gap >= MIN_RUN) {
      let end = at + 1;
      while (end < length && kind(bytes, end) !== 0) end += 1;
      if (hasMarks(bytes, gap + 1, end)) {
        runs ??= [];
        runs.push(gap + 1, end);
      }
      gap = end;
    }
    at = gap + MIN_RUN;
  }
  return runs ?? NONE;
}

function hasMarks(bytes: Uint8Array, start: number, end: number): boolean {
  let marks = 0;
  for (let at = start; at < end && marks < MIN_MARKS; at += 1) if (kind(bytes, at) === MARK) marks += 1;
  return marks >= MIN_MARKS;
}

function kind(bytes: Uint8Array, index: number): number {
  return kinds[bytes[index] ?? 0] ?? 0;
}
