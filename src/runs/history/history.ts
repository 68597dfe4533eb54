import type { Context } from "../../core/context.ts";
import { type Database, isSqliteError } from "../../system/sqlite.ts";
import { inMemory, notKept, openCopy, publish } from "./database.ts";
import { type IndexOptions, indexRuns } from "./index-runs.ts";

type HistoryContext = Pick<Context, "stateDir" | "memory" | "clock"> & {
  readonly warn: (message: string) => void;
};

/** The history of a workspace's runs, as this process sees it; of nobody else's concern until `keep`. */
export class History {
  #database: Database;
  readonly #context: HistoryContext;
  #isKept = true;

  private constructor(database: Database, context: HistoryContext) {
    this.#database = database;
    this.#context = context;
  }

  /** Opens what was kept, or begins anew; whatever is wrong with that is a warning. InfraError without SQLite. */
  static async open(context: HistoryContext): Promise<History> {
    const { database, warning } = await openCopy(context.memory, context.clock());
    if (warning !== null) context.warn(warning);
    return new History(database, context);
  }

  /** What `attempts.ts` and others ask; another one after each `update`. */
  get database(): Database {
    return this.#database;
  }

  /** Reads the records that are new or have changed, and tells how many. A disk that fails costs only what was kept. */
  async update(options: IndexOptions): Promise<number> {
    try {
      return this.#noted(await indexRuns(this.#database, this.#context, options));
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      this.#context.warn(notKept(error));
      this.#database = await inMemory();
      return this.#noted(await indexRuns(this.#database, this.#context, options));
    }
  }

  #noted(changed: number): number {
    if (changed > 0) this.#isKept = false;
    return changed;
  }

  /** Keeps what was read for the next command, if there is anything new; a warning where that is not possible. */
  keep(): void {
    if (this.#isKept) return;
    this.#isKept = true;
    const warning = publish(this.#database, this.#context.memory);
    if (warning !== null) this.#context.warn(warning);
  }

  close(): void {
    this.#database.close();
  }
}
