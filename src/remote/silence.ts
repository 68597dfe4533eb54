/** Measures silence: reports it once after a quarter of the limit, and ends when the limit has passed. */
export class Silence {
  /** Resolves with the limit in seconds when it has passed without a word. */
  readonly over: Promise<number>;
  readonly #ms: number;
  readonly #tell: (seconds: number) => void;
  #told = false;
  #warning: NodeJS.Timeout | undefined;
  #limit: NodeJS.Timeout | undefined;
  #pass: () => void = () => {};

  constructor(ms: number, tell: (seconds: number) => void) {
    this.#ms = ms;
    this.#tell = tell;
    this.over = new Promise((resolve) => {
      this.#pass = () => resolve(ms / 1000);
    });
    this.heard();
  }

  /** Starts measuring again. */
  heard(): void {
    this.end();
    const quarter = this.#ms / 4;
    if (!this.#told)
      this.#warning = setTimeout(() => {
        this.#told = true;
        this.#tell(quarter / 1000);
      }, quarter);
    this.#limit = setTimeout(this.#pass, this.#ms);
  }

  end(): void {
    clearTimeout(this.#warning);
    clearTimeout(this.#limit);
  }
}
