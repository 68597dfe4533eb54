/** What of `lstat` tells a changed file from an unchanged one. Times in nanoseconds since 1970. */
export interface FileStat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** Bytes of a packed stat: five 64-bit numbers in this machine's byte order. */
export const STAT_SIZE = 40;

const words = new BigInt64Array(STAT_SIZE / 8);
const bytes = Buffer.from(words.buffer);

/** One latin1 character a byte: two stats are equal exactly when their texts are. */
export function packStat({ dev, ino, size, mtimeNs, ctimeNs }: FileStat): string {
  words[0] = dev;
  words[1] = ino;
  words[2] = size;
  words[3] = mtimeNs;
  words[4] = ctimeNs;
  return bytes.toString("latin1");
}

/** The inverse of `packStat`. */
export function unpackStat(stat: string): FileStat {
  bytes.write(stat, "latin1");
  const [dev = 0n, ino = 0n, size = 0n, mtimeNs = 0n, ctimeNs = 0n] = words;
  return { dev, ino, size, mtimeNs, ctimeNs };
}

/** A clock of the file system that a file lies on, read before the file was. */
export interface Moment {
  /** Device whose clock was read. */
  readonly dev: bigint;
  readonly ns: bigint;
}

const MILLISECOND = 1_000_000n;
const SECOND = 1000n * MILLISECOND;

/**
 * Whether every later change must show in the stat of a file that was read after `moment`: not when it was written
 * within the same tick of the clock (4 to 10 ms; 2 s where times have whole seconds; a minute for a foreign clock).
 */
export function isSettled(stat: FileStat, moment: Moment): boolean {
  const last = stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs;
  return last + margin(stat, moment) < moment.ns;
}

/**
 * As `isSettled`, for a comparison by whole seconds: every later change must show in the second of the ctime.
 */
export function isSettledBySecond(stat: FileStat, moment: Moment): boolean {
  return isSettled(
    { ...stat, mtimeNs: stat.mtimeNs + 2n * SECOND, ctimeNs: stat.ctimeNs + 2n * SECOND },
    moment,
  );
}

function margin({ dev, ctimeNs }: FileStat, moment: Moment): bigint {
  if (dev !== moment.dev) return 60n * SECOND;
  return ctimeNs % SECOND === 0n ? 2n * SECOND : 50n * MILLISECOND;
}
