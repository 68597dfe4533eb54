import type { Context } from "../../core/context.ts";
import { reportedTests } from "../../report/history/reported-tests.ts";
import { History } from "../../runs/history/history.ts";
import type { Database } from "../../system/sqlite.ts";

/** How far the records have been read. */
interface Reading {
  readonly done: number;
  readonly all: number;
}

/** Pages are told of the first reading's progress after so many records. */
const TOLD_EACH = 100;

/** The history that the pages show, brought up to date again and again by one reader at a time. */
export class HistoryFeed {
  readonly #history: History;
  readonly #signal: AbortSignal;
  readonly #onProgress: () => void;
  #reading: Reading | null = null;
  #update: Promise<boolean> | null = null;

  private constructor(history: History, signal: AbortSignal, onProgress: () => void) {
    this.#history = history;
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  static async open(
    context: Context,
    told: { readonly warn: (message: string) => void; readonly onProgress: () => void },
  ): Promise<HistoryFeed> {
    const history = await History.open({ ...context, warn: told.warn });
    return new HistoryFeed(history, context.signal, told.onProgress);
  }

  get database(): Database {
    return this.#history.database;
  }

  /** Null when all records have been read. */
  get reading(): Reading | null {
    return this.#reading;
  }

  /** Reads what is new; whether anything was. Who asks meanwhile gets the same answer. */
  update(): Promise<boolean> {
    this.#update ??= this.#read().finally(() => {
      this.#update = null;
    });
    return this.#update;
  }

  /** Waits for an update, unless it is a long one: then pages show what there is so far. */
  async fresh(): Promise<void> {
    if (this.#reading === null) await Promise.race([this.update(), moment()]);
  }

  async #read(): Promise<boolean> {
    try {
      const onProgress = (done: number, all: number) => {
        this.#reading = done < all ? { done, all } : null;
        if (done % TOLD_EACH === 0) this.#onProgress();
      };
      const read = await this.#history.update({ signal: this.#signal, testsOf: reportedTests, onProgress });
      return read > 0;
    } finally {
      this.#reading = null;
    }
  }

  /** Keeps what was read for the next command. */
  async close(): Promise<void> {
    await this.#update?.catch(() => {});
    this.#history.keep();
    this.#history.close();
  }
}

function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500).unref());
}
