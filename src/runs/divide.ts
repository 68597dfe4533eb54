/** A file that shards divide among them. */
export interface DividedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Files for each of `count` shards, each list in the order of the paths: the file that takes longest goes first, and each to
 * the shard that has least to do. `times`: milliseconds by path, as far as they are known; a file without one counts by its
 * size, at the pace of those that have one. The same input gives the same lists, in whatever order the files come.
 */
export function divide(
  files: readonly DividedFile[],
  times: ReadonlyMap<string, number>,
  count: number,
): string[][] {
  const pace = paceOf(files, times);
  const weighed = files
    .map(({ path, size }) => ({ path, weight: times.get(path) ?? (size + 1) * pace }))
    .sort((a, b) => b.weight - a.weight || (a.path < b.path ? -1 : 1));
  const shards = Array.from({ length: count }, () => ({ load: 0, paths: [] as string[] }));
  for (const { path, weight } of weighed) {
    const least = shards.reduce((best, one) => (isLess(one, best) ? one : best));
    least.load += weight;
    least.paths.push(path);
  }
  return shards.map(({ paths }) => paths.sort());
}

interface Load {
  readonly load: number;
  readonly paths: readonly string[];
}

/** Of two that are as loaded, the one with fewer files: no shard stays empty where files take no time. */
function isLess(one: Load, other: Load): boolean {
  return one.load < other.load || (one.load === other.load && one.paths.length < other.paths.length);
}

/** Milliseconds for a byte. */
function paceOf(files: readonly DividedFile[], times: ReadonlyMap<string, number>): number {
  const known = files.filter(({ path }) => times.has(path));
  const bytes = known.reduce((sum, { size }) => sum + size + 1, 0);
  const took = known.reduce((sum, { path }) => sum + (times.get(path) ?? 0), 0);
  return bytes === 0 || took === 0 ? 1 : took / bytes;
}
