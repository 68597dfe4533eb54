/** How far the copies of a Nix command are; bytes only where Nix tells them (2.26 does, 2.8 does not). */
export interface CopyCounts {
  readonly copied: number;
  readonly toCopy: number;
  readonly copiedBytes?: number;
  readonly toCopyBytes?: number;
}

/** Numbers of Nix's own `logging.hh`. */
const ACTIVITY = { copyPath: 100, copyPaths: 103 } as const;
const RESULT = { progress: 105, expected: 106 } as const;

/** Adds up what Nix's activities say of copies: of one path each, and of all of them. */
export class CopyCounter {
  readonly #bytes = new Map<number, number>();
  readonly #sizes = new Map<number, number>();
  readonly #expected = new Map<number, number>();
  #counts = { copied: 0, toCopy: 0 };
  /** Nix 2.8 tells of `nix copy` only when each path begins and ends. */
  #counted = false;

  started(type: number, text: string): void {
    const total = type === ACTIVITY.copyPaths ? /^copying (\d+) paths/.exec(text)?.[1] : undefined;
    if (total !== undefined) this.#counts = { copied: 0, toCopy: Number(total) };
  }

  /** A path that is over counts whole: Nix 2.26 leaves its last bytes out. */
  stopped(id: number, type: number): void {
    if (type !== ACTIVITY.copyPath) return;
    const size = this.#sizes.get(id);
    if (size !== undefined) this.#bytes.set(id, size);
    const { copied, toCopy } = this.#counts;
    if (!this.#counted && copied < toCopy) this.#counts = { toCopy, copied: copied + 1 };
  }

  result(id: number, activity: number, type: number, fields: readonly unknown[]): void {
    const [first = 0, second = 0] = fields.map(Number);
    if (type === RESULT.expected && first === ACTIVITY.copyPath) this.#expected.set(id, second);
    if (type !== RESULT.progress) return;
    if (activity === ACTIVITY.copyPath) {
      this.#bytes.set(id, first);
      this.#sizes.set(id, second);
    }
    if (activity !== ACTIVITY.copyPaths) return;
    this.#counted = true;
    this.#counts = { copied: first, toCopy: second };
  }

  counts(): CopyCounts {
    const total = sum(this.#expected);
    return total === 0
      ? this.#counts
      : { ...this.#counts, copiedBytes: Math.min(sum(this.#bytes), total), toCopyBytes: total };
  }
}

function sum(numbers: ReadonlyMap<number, number>): number {
  return [...numbers.values()].reduce((total, one) => total + one, 0);
}
