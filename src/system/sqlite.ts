import { InfraError } from "../core/errors.ts";

type Sqlite = typeof import("node-sqlite3-wasm");

/** An open database of SQLite, compiled to WebAssembly; every call is synchronous, and errors are `isSqliteError`. */
export type Database = InstanceType<Sqlite["Database"]>;

/**
 * Opens a database file that nobody else opens, made when it is not there; `:memory:` is one without a file. The package
 * locks a file by a directory beside it, which a killed process would leave for ever: never open a shared file.
 */
export async function openSqlite(path: string): Promise<Database> {
  const { Database } = await loadSqlite();
  return new Database(path);
}

/** Takes about 50 ms, so it is loaded by the commands that need it, when they do. InfraError when it is not installed. */
async function loadSqlite(): Promise<Sqlite> {
  try {
    // The package is CommonJS, whose names Node does not see: all are on `default`, of which its types say nothing.
    const loaded: unknown = await import("node-sqlite3-wasm");
    return (loaded as { readonly default: Sqlite }).default;
  } catch (cause) {
    throw new InfraError("client", "the database of this installation (node-sqlite3-wasm) cannot be loaded", {
      hint: "install pikaci again, with its dependencies",
      cause,
    });
  }
}

/** Whether SQLite itself failed: a file that is no database or torn, a full disk, or no memory left. */
export function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && ["SQLite3Error", "RuntimeError"].includes(error.name);
}
