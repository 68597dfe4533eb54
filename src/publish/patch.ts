/** A run of bytes that two files share, as offsets into each. */
export interface Copy {
  readonly before: number;
  readonly after: number;
  readonly length: number;
}

/** At most this many copies, since the host starts a process or two for each; the bytes of shorter ones are sent instead. */
const COPY_LIMIT = 64;
const SHORTEST_COPY = 256;

/** Collects copies in ascending order of both offsets; adjacent ones become one. */
export class CopyList {
  readonly #copies: { before: number; after: number; length: number }[] = [];

  add(before: number, after: number, length: number): void {
    const last = this.#copies.at(-1);
    const end = last?.length ?? 0;
    if (last !== undefined && last.before + end === before && last.after + end === after)
      last.length += length;
    else if (length > 0) this.#copies.push({ before, after, length });
  }

  /** The longest ones, in order. */
  longest(limit = COPY_LIMIT): readonly Copy[] {
    const worth = this.#copies.filter(({ length }) => length >= SHORTEST_COPY);
    if (worth.length <= limit) return worth;
    const kept = new Set([...worth].sort((a, b) => b.length - a.length).slice(0, limit));
    return worth.filter((copy) => kept.has(copy));
  }
}

/**
 * How a host that has the first file makes the second: lines `c N` (copy N bytes of the first), `s N` (skip N of them)
 * and `l N` followed by N bytes of its own.
 */
export function encodePatch(copies: readonly Copy[], after: Buffer): Buffer {
  const parts: Buffer[] = [];
  let [read, written] = [0, 0];
  const literal = (end: number) => {
    if (end > written) parts.push(Buffer.from(`l ${end - written}\n`), after.subarray(written, end));
    written = end;
  };
  for (const copy of copies) {
    literal(copy.after);
    if (copy.before > read) parts.push(Buffer.from(`s ${copy.before - read}\n`));
    parts.push(Buffer.from(`c ${copy.length}\n`));
    read = copy.before + copy.length;
    written = copy.after + copy.length;
  }
  literal(after.length);
  return Buffer.concat(parts);
}
