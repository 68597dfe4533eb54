/** How many times as long as the last write took nothing is written after it: so writing takes an eleventh of the time. */
const REST = 10;

/**
 * Writes something that changes often, not after each change: as soon as the last write is ten times as long ago as it took.
 * What is small is so written almost at once, what is large seldom.
 */
export class PacedWrites {
  readonly #write: () => void;
  #timer: NodeJS.Timeout | null = null;
  #notBefore = 0;

  /** `write` does not throw. */
  constructor(write: () => void) {
    this.#write = write;
  }

  /** Something has changed. */
  changed(): void {
    this.#in(Math.max(0, this.#notBefore - performance.now()));
  }

  /** Something has changed that has to be written as soon as the caller returns to the event loop. */
  changedAtOnce(): void {
    this.stop();
    this.#in(0);
  }

  /** Drops what was to be written later: the caller writes itself, or nothing any more. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #in(milliseconds: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      const began = performance.now();
      this.#write();
      const ended = performance.now();
      this.#notBefore = ended + REST * (ended - began);
    }, milliseconds);
  }
}
