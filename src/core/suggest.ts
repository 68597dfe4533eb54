/** The candidate closest to a mistyped word, or null when none is near enough to be meant. */
export function closest(word: string, candidates: readonly string[]): string | null {
  const limit = word.length < 5 ? 1 : Math.max(2, Math.floor(word.length / 3));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate ?? null;
}

/** ` (did you mean "x"?)`, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const guess = closest(word, candidates);
  return guess === null ? "" : ` (did you mean ${JSON.stringify(guess)}?)`;
}

/** Edits in UTF-16 units, two swapped neighbours counting as one; words over 64 units count as far apart. */
function editDistance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return Number.POSITIVE_INFINITY;
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let line = 1; line <= a.length; line++) rows.push(nextRow(a, b, line, rows));
  return rows.at(-1)?.at(-1) ?? 0;
}

function nextRow(a: string, b: string, line: number, rows: readonly (readonly number[])[]): number[] {
  const cost = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  const next = [line];
  for (let column = 1; column <= b.length; column++) {
    const same = a[line - 1] === b[column - 1];
    const swapped = a[line - 1] === b[column - 2] && a[line - 2] === b[column - 1];
    const edits = [cost(line - 1, column) + 1, (next[column - 1] ?? 0) + 1];
    edits.push(cost(line - 1, column - 1) + (same ? 0 : 1));
    if (swapped) edits.push(cost(line - 2, column - 2) + 1);
    next.push(Math.min(...edits));
  }
  return next;
}
