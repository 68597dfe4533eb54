import { writeSync } from "node:fs";

/** What file systems leave out as a whole, when all of it is zeros. */
const BLOCK = 4096;
const ZEROS = Buffer.alloc(1 << 20);

/**
 * The parts of a file's bytes from `place` on that are not only zeros, as offsets into `bytes`: runs of whole blocks of the
 * file, except at the ends of `bytes`.
 */
export function* dataRuns(bytes: Buffer, place: number): Generator<{ start: number; end: number }> {
  const blockEnd = (at: number) => Math.min(bytes.length, at + BLOCK - ((place + at) % BLOCK));
  // One comparison instead of some hundred: most of a file with holes is holes.
  if (isZero(bytes)) return;
  for (let start = 0; start < bytes.length; ) {
    let end = blockEnd(start);
    const isHole = isZero(bytes.subarray(start, end));
    while (end < bytes.length && isZero(bytes.subarray(end, blockEnd(end))) === isHole) end = blockEnd(end);
    if (!isHole) yield { start, end };
    start = end;
  }
}

/** Writes bytes of a new file at their place; blocks of zeros stay holes. Whoever writes sets the file's length at the end. */
export function writeWithHoles(fd: number, bytes: Buffer, place: number): void {
  for (const { start, end } of dataRuns(bytes, place))
    for (let at = start; at < end; ) at += writeSync(fd, bytes, at, end - at, place + at);
}

function isZero(bytes: Buffer): boolean {
  return bytes.length <= ZEROS.length && bytes.equals(ZEROS.subarray(0, bytes.length));
}
